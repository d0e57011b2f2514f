//! What a certificate is made of: its parties, units and links.
//!
//! The fields are those of the record that bodies report to CNCA; the code list `certificate-fields` names
//! each by its Chinese header. Contacts and names of persons are not among them.

use crate::values::day;
use crate::values::models::{self, spelled};
use crate::values::organisation_code;
use crate::values::{ApprovalNumber, CertificateNumber, Decimal, Uscc};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// One of the three parties of a certificate
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// The registered name (名称（主）).
    #[schema(min_length = 1, max_length = 500, example = "大庆示例门窗有限公司")]
    pub name: String,
    /// The name in another language (名称（次）).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub other_name: Option<String>,
    /// The unified social credit code (GB 32100-2015), where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Uscc>,
    /// The former organisation code (组织机构代码, GB 11714), of nine characters, where no USCC is known. It is kept
    /// without the dash; zeros stand for none.
    #[serde(default, deserialize_with = "organisation_code::read", skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 9, max_length = 10)]
    pub organisation_code: Option<String>,
    /// The country or region (所在国家地区).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub country: Option<String>,
    /// The division where it is registered (注册地行政区划).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub division: Option<String>,
    /// The registered address (地址（主）).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub address: Option<String>,
    /// The address in another language (地址（次）).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub other_address: Option<String>,
    /// The postal code (邮政编码).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 20)]
    pub postal_code: Option<String>,
    /// The type of organisation (机构类型).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub organisation_type: Option<String>,
    /// The economic type (经济类型).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub economic_type: Option<String>,
    /// The industry (所属国民经济行业, GB/T 4754).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100)]
    pub industry: Option<String>,
    /// The business scope (经营范围).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000)]
    pub business_scope: Option<String>,
}

impl Party {
    /// A party of which name and code are known.
    pub fn named(name: impl Into<String>, uscc: Option<Uscc>) -> Self {
        Self { name: name.into(), uscc, ..Self::default() }
    }
}

/// The place where a product is made
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorySite {
    /// The number that the body gave the factory (工厂编号).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub number: Option<String>,
    /// How many people work there (生产企业人数).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub employees: Option<i32>,
    /// The longitude of the place in degrees (实际地址经度坐标).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<Decimal>,
    /// The latitude of the place in degrees (实际地址纬度坐标).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<Decimal>,
}

/// A climate zone of buildings (GB 50176)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClimateZone {
    /// Severe cold (严寒地区), Daqing's.
    SevereCold,
    /// Cold (寒冷地区).
    Cold,
    /// Hot summer, cold winter (夏热冬冷地区).
    HotSummerColdWinter,
    /// Hot summer, warm winter (夏热冬暖地区).
    HotSummerWarmWinter,
    /// Mild (温和地区).
    Mild,
}

/// A unit of certification
///
/// What one certificate covers (认证单元): a series with its models and scope. A unit or a model of it may be
/// cancelled while the certificate goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CertifiedUnit)]
pub struct Unit {
    /// What the unit is called.
    #[schema(min_length = 1, max_length = 2000, example = "65系列内平开窗")]
    pub name: String,
    /// The models it covers (规格型号). Empty when the certificate names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 2000)]
    pub models: Vec<String>,
    /// The climate zones it covers. Empty when the certificate names none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 5)]
    pub climate_zones: Vec<ClimateZone>,
    /// The first day on which the unit no longer counts (单元注销), once cancelled.
    #[serde(default, deserialize_with = "day::optional", skip_serializing_if = "Option::is_none")]
    pub cancelled_on: Option<Date>,
    /// The models of the unit that were cancelled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 2000)]
    pub cancelled_models: Vec<CancelledModel>,
}

impl Unit {
    /// Whether the unit names models; one that names none covers all.
    pub fn names_models(&self) -> bool {
        models::stated(&self.models).next().is_some()
    }

    /// Whether nothing of the unit is left on a day: it is cancelled, or each of the models that it names.
    pub fn is_over(&self, on: Date) -> bool {
        self.cancelled_on.is_some_and(|day| day <= on) || self.names_models() && self.left(on).next().is_none()
    }

    /// The models that the unit names and that are not cancelled by a day.
    pub fn left(&self, on: Date) -> impl Iterator<Item = &String> {
        let gone = self.gone_models(on);
        models::stated(&self.models).filter(move |it| !gone.contains(it))
    }

    /// Whether the unit covers a model on a day, in any spelling. A unit that names no model covers all.
    ///
    /// Where a spelling means several of its models, all of them must be left.
    pub fn covers(&self, model: &str, on: Date) -> bool {
        if !self.names_models() {
            return !self.is_over(on) && !self.gone(on).any(|it| models::has(std::slice::from_ref(it), model));
        }
        let gone = self.gone_models(on);
        let meant = spelled(&self.models, model);
        !self.is_over(on) && !meant.is_empty() && !meant.iter().any(|it| gone.contains(it))
    }

    /// Whether the unit covers a climate zone on a day. A unit that names none covers all.
    pub fn serves(&self, zone: ClimateZone, on: Date) -> bool {
        !self.is_over(on) && (self.climate_zones.is_empty() || self.climate_zones.contains(&zone))
    }

    /// Puts what is cancelled in the order of its names, so that it is the same in whatever order it was told.
    pub fn order(&mut self) {
        self.cancelled_models.sort_by(|one, other| one.model.cmp(&other.model));
    }

    /// Whether units of a later record take back what is cancelled of this one, or leave it out.
    pub fn is_revived_by(&self, after: &[Self]) -> bool {
        if self.cancelled_on.is_none() && self.cancelled_models.is_empty() {
            return false;
        }
        let told_on = |it: &Self| {
            (self.cancelled_on.is_none() || self.cancelled_on == it.cancelled_on)
                && self.cancelled_models.iter().all(|gone| it.cancelled_models.contains(gone))
        };
        !after.iter().any(|it| it.name == self.name && told_on(it))
    }

    /// A model that is cancelled more than once.
    pub fn cancelled_twice(&self) -> Option<&str> {
        let mut seen = BTreeSet::new();
        self.cancelled_models.iter().map(|it| it.model.as_str()).find(|model| !seen.insert(*model))
    }

    /// The days on which the unit, or a model of it, is cancelled.
    pub fn cancellations(&self) -> impl Iterator<Item = Date> {
        self.cancelled_models.iter().map(|it| it.cancelled_on).chain(self.cancelled_on)
    }

    /// The days on which something of the unit is cancelled that was not so in a record before.
    pub fn cancelled_since<'a>(&'a self, before: &'a Self) -> impl Iterator<Item = Date> + 'a {
        let models = self.cancelled_models.iter().filter(|it| !before.cancelled_models.contains(it));
        let whole = self.cancelled_on.filter(|_| before.cancelled_on.is_none());
        models.map(|it| it.cancelled_on).chain(whole)
    }

    /// The models of the unit that are cancelled by a day, however the cancellation spells them.
    fn gone_models(&self, on: Date) -> Vec<&String> {
        self.gone(on).flat_map(|it| spelled(&self.models, it)).collect()
    }

    /// The models that are cancelled by a day, as the cancellation spells them.
    fn gone(&self, on: Date) -> impl Iterator<Item = &String> {
        self.cancelled_models.iter().filter(move |it| it.cancelled_on <= on).map(|it| &it.model)
    }
}

/// A cancelled model of a unit
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelledModel {
    /// The model.
    #[schema(min_length = 1, max_length = 200)]
    pub model: String,
    /// The first day on which it no longer counts.
    #[serde(deserialize_with = "day::required")]
    pub cancelled_on: Date,
}

/// How a certificate follows another
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PredecessorRelation)]
pub enum Relation {
    /// Renewed by the same body (再认证换证).
    Renewal,
    /// Taken over from another body (机构转换换证).
    Transfer,
}

/// The certificate before this one
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Predecessor {
    /// Whether it was renewed or transferred.
    pub relation: Relation,
    /// The body that issued the one before: the same for a renewal, another for a transfer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certification_body: Option<ApprovalNumber>,
    /// Its number.
    pub number: CertificateNumber,
}

/// What an attachment of the record is
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentRole {
    /// A scan of the certificate (证书扫描件).
    CertificateScan,
    /// The list of models (产品规格型号).
    Models,
    /// The type test report (型式试验报告).
    TypeTestReport,
    /// Something else (其他资料).
    Other,
}

/// An attachment that the body keeps with its record
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// What it is.
    pub role: AttachmentRole,
    /// The name of the file at the body.
    #[schema(min_length = 1, max_length = 300)]
    pub name: String,
}
