//! Organisations: who makes, certifies, buys, decides.

use crate::ids::OrganisationId;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;
use crate::spelling;
use crate::values::{ApprovalNumber, Uscc};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an organisation does in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrganisationRole)]
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
    /// The day on which the record was taken back, because it was made by mistake (误登).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retracted_on: Option<Date>,
    /// True when the record is a sample and states no fact.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// The form in which two spellings of one name are equal.
pub fn name_key(name: &str) -> String {
    spelling::key(name)
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
            retracted_on: None,
            sample: false,
        }
    }
}

impl Organisation {
    /// Refuses an organisation that others look like, unless it says that they are others.
    ///
    /// # Errors
    ///
    /// Names those of `alike` that are neither it nor in `distinct_from`.
    pub fn check_likely_duplicates(
        &self,
        alike: Vec<OrganisationId>,
        distinct_from: &[OrganisationId],
    ) -> Result<(), Problem> {
        let others = alike.into_iter().filter(|id| *id != self.id && !distinct_from.contains(id));
        let others: Vec<String> = others.map(|id| id.to_string()).collect();
        if others.is_empty() {
            return Ok(());
        }
        let fault = Fault::new("/distinct_from", Rule::Duplicate)
            .detail(
                format!("名称或代码相同：{}", others.join("、")),
                format!("the same name or code: {}", others.join(", ")),
            )
            .allowed(others);
        Err(Problem::from(ProblemKind::LikelyDouble).fault(fault))
    }

    /// Refuses a division that is not one of the city's.
    ///
    /// # Errors
    ///
    /// Names the codes that are.
    pub fn check_division(&self, codes: Vec<String>) -> Result<(), Fault> {
        match &self.division {
            Some(division) if !codes.contains(division) => {
                Err(Fault::new("/division", Rule::CodeUnknown).allowed(codes))
            }
            _ => Ok(()),
        }
    }

    /// Checks a change of roles, from none where it is new: they are an authority's to give, and the role of an
    /// authority, on which everything rests, is not given over the network at all.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAllowed`] with who may.
    pub fn check_roles(&self, before: Option<&Self>, by_authority: bool) -> Result<(), Fault> {
        let held = before.map(|it| it.roles.as_slice()).unwrap_or_default();
        let refused = |zh, en| Err(Fault::new("/roles", Rule::NotAllowed).detail(zh, en));
        if self.roles.contains(&Role::Authority) != held.contains(&Role::Authority) {
            return refused(
                "主管部门角色只能由运维人员用 lvcai organisation 命令授予或收回",
                "the role of an authority is given and taken by the operator, with `lvcai organisation`",
            );
        }
        // The approval number is what makes an organisation a certification body, so the role comes with that record.
        if self.roles.contains(&Role::CertificationBody) != held.contains(&Role::CertificationBody) {
            return refused(
                "认证机构角色随认证机构记录而定：由主管部门以 PUT /v1/certification-bodies/{批准号} 登记",
                "the role of a certification body comes with its record: the authority registers it with `PUT \
                 /v1/certification-bodies/{approval number}`",
            );
        }
        if !by_authority && self.roles != held {
            return refused("角色由主管部门确定", "roles are the authority's to change");
        }
        Ok(())
    }

    /// Checks a change of name or code. They tell whose a certificate is, so an organisation that changed its own could
    /// take another's: they are the authority's to change.
    ///
    /// # Errors
    ///
    /// [`Rule::NotAllowed`] at `/name` or `/uscc`.
    pub fn check_identity(&self, before: &Self, by_authority: bool) -> Result<(), Fault> {
        if by_authority || !self.is_renamed(before) {
            return Ok(());
        }
        let pointer = if self.name == before.name { "/uscc" } else { "/name" };
        Err(Fault::new(pointer, Rule::NotAllowed).detail(
            "名称和统一社会信用代码是判断证书归属的依据，由主管部门更改（认证机构：PUT /v1/certification-bodies/{批准号}）",
            "name and code tell whose a certificate is, so they are the authority's to change (of a certification body: \
             `PUT /v1/certification-bodies/{approval number}`)",
        ))
    }

    /// Whether an amendment changed that by which organisations are taken for each other.
    pub fn is_renamed(&self, before: &Self) -> bool {
        (&self.name, &self.uscc) != (&before.name, &before.uscc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation(roles: &[Role]) -> Organisation {
        Organisation {
            id: OrganisationId::mint(),
            name: "大庆示例门窗有限公司".to_owned(),
            uscc: None,
            approval_number: None,
            roles: roles.to_vec(),
            aliases: Vec::new(),
            division: Some("230600".to_owned()),
            source: None,
            retracted_on: None,
            sample: false,
        }
    }

    #[test]
    fn likely_duplicates_are_refused_until_they_are_said_to_be_others() {
        let (it, other) = (organisation(&[Role::Enterprise]), OrganisationId::mint());

        let problem = it.check_likely_duplicates(vec![it.id, other], &[]).unwrap_err();
        assert_eq!(problem.faults[0].allowed, [other.to_string()]);
        assert_eq!(it.check_likely_duplicates(vec![it.id, other], &[other]), Ok(()));
        assert_eq!(it.check_likely_duplicates(vec![it.id], &[]), Ok(()));
    }

    #[test]
    fn roles_are_the_authoritys_to_change() {
        let before = organisation(&[Role::Enterprise]);
        let after = Organisation { roles: vec![Role::Laboratory], ..before.clone() };

        assert!(after.check_roles(Some(&before), false).is_err());
        assert!(after.check_roles(Some(&before), true).is_ok() && before.check_roles(Some(&before), false).is_ok());
    }

    #[test]
    fn the_role_of_an_authority_is_neither_given_nor_taken_over_the_network() {
        let (firm, authority) = (organisation(&[Role::Enterprise]), organisation(&[Role::Authority]));
        let both = organisation(&[Role::Enterprise, Role::Authority]);

        for (before, after) in [(None, &authority), (Some(&firm), &both), (Some(&both), &firm), (None, &both)] {
            let fault = after.check_roles(before, true).unwrap_err();
            assert!(fault.detail.unwrap().zh.contains("lvcai organisation"));
        }
        assert!(firm.check_roles(None, true).is_ok() && both.check_roles(Some(&authority), true).is_ok());
    }

    #[test]
    fn name_and_code_are_the_authoritys_to_change_and_all_else_is_its_own() {
        let before = organisation(&[Role::Enterprise]);
        let renamed = Organisation { name: "别家公司".to_owned(), ..before.clone() };
        let coded = Organisation { uscc: "91230607716675409L".parse().ok(), ..before.clone() };
        let aliased = Organisation { aliases: vec!["别名".to_owned()], ..before.clone() };
        let at = |after: &Organisation, by| after.check_identity(&before, by).err().map(|it| it.pointer);

        assert_eq!(at(&renamed, false).as_deref(), Some("/name"));
        assert_eq!(at(&coded, false).as_deref(), Some("/uscc"));
        assert_eq!([at(&renamed, true), at(&coded, true), at(&aliased, false)], [None, None, None]);
    }

    #[test]
    fn a_division_is_one_of_the_citys() {
        let it = organisation(&[Role::Enterprise]);

        assert!(it.check_division(vec!["230600".to_owned()]).is_ok());
        assert_eq!(it.check_division(vec!["230602".to_owned()]).unwrap_err().allowed, ["230602"]);
    }
}
