//! Organisations: who makes, certifies, buys, decides.

use crate::ids::OrganisationId;
use crate::parties::accreditation::Accreditation;
use crate::values::{ApprovalNumber, Uscc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an organisation does in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Makes or supplies building products (企业).
    Enterprise,
    /// Certifies products (认证机构).
    CertificationBody,
    /// Tests products (检测机构).
    Laboratory,
    /// Reviews, publishes and supervises (主管部门).
    Authority,
    /// Runs a procurement platform (采购平台).
    ProcurementPlatform,
    /// Audits (审计).
    Auditor,
}

/// An organisation
///
/// The same firm may be known by several names; doubles are reported, never merged silently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organisation {
    /// Names the organisation.
    pub id: OrganisationId,
    /// Its registered name (名称).
    #[schema(example = "北新集团建材股份有限公司")]
    pub name: String,
    /// Its unified social credit code (统一社会信用代码, GB 32100-2015), where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Uscc>,
    /// The approval number under which it certifies (认证机构批准号), for a certification body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval_number: Option<ApprovalNumber>,
    /// What it does in the registry.
    pub roles: Vec<Role>,
    /// Other names it is or was known by (曾用名, 简称).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its administrative division (GB/T 2260 code), where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "230600")]
    pub division: Option<String>,
    /// Where the record comes from, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// True when the record is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

impl Organisation {
    /// A new organisation of which nothing is known but its name and what it does.
    pub fn named(name: impl Into<String>, role: Role) -> Self {
        Self {
            id: OrganisationId::mint(),
            name: name.into(),
            uscc: None,
            approval_number: None,
            roles: vec![role],
            aliases: Vec::new(),
            division: None,
            source: None,
            sample: false,
        }
    }
}

/// A certification body
///
/// An organisation approved by CNCA to certify (认证机构). Names in the reference
/// data carry a source and whether they were verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CertificationBody {
    /// The approval number (批准号), which names it.
    pub approval_number: ApprovalNumber,
    /// Its name at the time of the source.
    pub name: String,
    /// The organisation that it is.
    pub organisation: OrganisationId,
    /// What else is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where the record comes from.
    pub source: String,
    /// Whether number and name were checked against the approving authority's publication.
    pub verified: bool,
    /// What it may certify, as the city's authority has recorded it. A body without one pushes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accreditation: Option<Accreditation>,
}
