//! Scopes: what the token of a client may do, as a verb on a noun, and which of them an organisation's roles permit.
//!
//! A scope alone never suffices: whose a record is, is asked where something is decided about it.

use crate::parties::organisation::Role;
use std::borrow::Cow;
use std::collections::BTreeSet;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr};

crate::catalogue! {
    /// What a client's token may do.
    pub enum Scope named by wire

    OrganisationsWrite "organisations:write" "登记和修改机构、企业信息" "Register and amend organisations"
    ProductsWrite "products:write" "提交和修改产品信息" "Add and amend products"
    ProductsAdmit "products:admit" "审核产品入库" "Admit reviewed products to the database"
    CertificatesPush "certificates:push" "推送认证证书及其状态" "Push certificates and their status"
    ReportsPush "reports:push" "推送和作废检验检测报告" "Push test reports and void them"
    EvidenceWrite "evidence:write" "建立或提出产品的证明关系" "Create or propose evidence for a product"
    EvidenceConfirm "evidence:confirm" "确认产品的证明关系" "Confirm proposed evidence"
    ListsOpen "lists:open" "设立名单和目录" "Open lists and catalogues"
    ImportsUndo "imports:undo" "撤回名单导入" "Take list imports back"
    PublicationsDraft "publications:draft" "编制名单批次" "Draft publications"
    PublicationsApprove "publications:approve" "审批名单批次" "Approve publications"
    PublicationsPublish "publications:publish" "发布已审批的名单批次" "Publish approved publications"
    ClientsManage "clients:manage" "管理本组织的客户端及其密钥" "Register clients of the organisation, change their keys and revoke them"
    ReadPrivate "read:private" "审计查阅非公开记录" "Read what is not public, as an auditor"
}

impl PartialSchema for Scope {
    fn schema() -> RefOr<Schema> {
        let names = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Self::NAMES.iter().copied()));
        names.description(Some("What a client's token may do, as a verb on a noun")).into()
    }
}

impl ToSchema for Scope {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Scope")
    }
}

/// The scopes that a client of an organisation with this role may hold.
const fn of_role(role: Role) -> &'static [Scope] {
    use Scope::{
        CertificatesPush, ClientsManage, EvidenceConfirm, EvidenceWrite, ImportsUndo, ListsOpen, OrganisationsWrite,
        ProductsAdmit, ProductsWrite, PublicationsApprove, PublicationsDraft, PublicationsPublish, ReadPrivate,
        ReportsPush,
    };
    match role {
        Role::Enterprise => &[OrganisationsWrite, ClientsManage, ProductsWrite, EvidenceWrite],
        Role::CertificationBody => {
            &[OrganisationsWrite, ClientsManage, CertificatesPush, EvidenceWrite, EvidenceConfirm]
        }
        Role::Laboratory => &[OrganisationsWrite, ClientsManage, ReportsPush],
        Role::ProcurementPlatform => &[OrganisationsWrite, ClientsManage],
        Role::Auditor => &[OrganisationsWrite, ClientsManage, ReadPrivate],
        // Certificates and reports are stated by those who issue them, and by nobody in their place.
        Role::Authority => &[
            OrganisationsWrite,
            ClientsManage,
            ProductsWrite,
            ProductsAdmit,
            EvidenceWrite,
            EvidenceConfirm,
            ListsOpen,
            ImportsUndo,
            PublicationsDraft,
            PublicationsApprove,
            PublicationsPublish,
            ReadPrivate,
        ],
    }
}

/// The scopes that a client of an organisation with these roles may hold, in their order.
pub fn permitted(roles: &[Role]) -> BTreeSet<Scope> {
    roles.iter().flat_map(|role| of_role(*role)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: [Role; 6] = [
        Role::Enterprise,
        Role::CertificationBody,
        Role::Laboratory,
        Role::Authority,
        Role::ProcurementPlatform,
        Role::Auditor,
    ];

    #[test]
    fn every_scope_is_a_verb_on_a_noun_told_in_both_languages_and_some_role_may_hold_it() {
        for scope in Scope::ALL {
            assert!(scope.wire().split_once(':').is_some(), "{scope}");
            assert!(scope.en().is_ascii() && !scope.zh().is_ascii(), "{scope}");
            assert!(permitted(&ROLES).contains(scope), "{scope}");
        }
    }

    #[test]
    fn who_states_a_fact_is_who_issues_it() {
        let may = |scope: Scope| -> Vec<Role> {
            ROLES.into_iter().filter(|role| permitted(&[*role]).contains(&scope)).collect()
        };

        assert_eq!(may(Scope::CertificatesPush), [Role::CertificationBody]);
        assert_eq!(may(Scope::ReportsPush), [Role::Laboratory]);
        assert_eq!(may(Scope::ProductsWrite), [Role::Enterprise, Role::Authority]);
        assert_eq!(may(Scope::EvidenceConfirm), [Role::CertificationBody, Role::Authority]);
        assert_eq!(may(Scope::PublicationsApprove), [Role::Authority]);
        assert_eq!(may(Scope::ReadPrivate), [Role::Authority, Role::Auditor]);
    }

    #[test]
    fn several_roles_permit_what_each_of_them_does() {
        let both = permitted(&[Role::Enterprise, Role::Auditor]);

        assert!(both.contains(&Scope::ProductsWrite) && both.contains(&Scope::ReadPrivate));
        assert!(!both.contains(&Scope::ProductsAdmit));
        assert!(permitted(&[]).is_empty());
    }
}
