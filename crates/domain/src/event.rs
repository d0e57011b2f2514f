//! What may happen to a subject: the closed catalogue of events that the ledger records.
//!
//! The ledger commits to the name, so a row is never renamed and never removed.

crate::catalogue! {
    /// What happened, as a verb on a noun.
    pub enum Event named by name

    OrganisationRegistered "organisation.registered" "登记组织" "An organisation was registered."
    OrganisationAmended "organisation.amended" "变更组织信息" "The record of an organisation was amended."
    CertificationBodyRegistered "certification_body.registered" "登记认证机构" "A certification body was registered."
    CertificationBodyLoaded "certification_body.loaded" "载入认证机构参考数据"
        "What the reference data say of a certification body was taken up."
    CertificationBodyAmended "certification_body.amended" "变更认证机构信息"
        "The record of a certification body was amended."
    CertificationBodyRenamed "certification_body.renamed" "认证机构更名" "A certification body bears another name."
    CertificationBodyAccredited "certification_body.accredited" "登记认证机构的批准范围或有效期"
        "The scope or the validity of a certification body's approval was recorded."
    OrganisationRetracted "organisation.retracted" "收回误登组织" "An organisation that was registered by mistake was taken back."
    LaboratoryRegistered "laboratory.registered" "登记检验检测机构" "A laboratory was registered."
    LaboratoryAmended "laboratory.amended" "变更检验检测机构信息" "The record of a laboratory was amended."

    ProductDrafted "product.drafted" "提交产品" "A product was submitted and awaits review."
    ProductAdmitted "product.admitted" "产品入库" "A product was admitted to the database."
    ProductAmended "product.amended" "变更产品信息" "The record of a product was amended."
    ProductRetired "product.retired" "产品退库" "A product was taken out of the database."

    CertificateIssued "certificate.issued" "颁发证书" "A certificate was recorded as valid for the first time."
    CertificateRecorded "certificate.recorded" "收录证书" "A certificate was recorded for the first time in the status it has."
    CertificateChanged "certificate.changed" "变更换证" "A certificate was changed and issued anew."
    CertificateCorrected "certificate.corrected" "更正证书内容" "What the record of a certificate says was corrected."
    CertificateStatusCorrected "certificate.status_corrected" "勘误证书状态"
        "The status of a certificate, recorded by mistake, was corrected."
    CertificateUnitCancelled "certificate.unit_cancelled" "注销证书单元或型号" "A unit or a model of a certificate was cancelled."
    CertificateSuspended "certificate.suspended" "暂停证书" "A certificate was suspended."
    CertificateRestored "certificate.restored" "恢复证书" "A suspended certificate was restored."
    CertificateWithdrawn "certificate.withdrawn" "撤销证书" "A certificate was withdrawn for cause."
    CertificateCancelled "certificate.cancelled" "注销证书" "A certificate was cancelled without fault."
    CertificateExpired "certificate.expired" "证书到期失效" "A certificate passed its last day."
    CertificateRenewalOpened "certificate.renewal_opened" "证书进入换证期" "The time to renew a certificate began."

    CertificateRetracted "certificate.retracted" "收回误录证书" "The record of a certificate, made by mistake from a list, was taken back."

    TestReportIssued "test_report.issued" "出具检验检测报告" "A test report was issued."
    TestReportAmended "test_report.amended" "更改检验检测报告" "A test report was amended."
    TestReportVoided "test_report.voided" "作废检验检测报告" "A test report was declared void."

    EvidenceProposed "evidence.proposed" "提出证明关系" "A product was claimed to rest on a certificate or a test report."
    EvidenceConfirmed "evidence.confirmed" "确认证明关系" "It was confirmed that a product rests on a certificate or a test report."
    EvidenceRejected "evidence.rejected" "驳回证明关系" "A proposed evidence was rejected."
    EvidenceEnded "evidence.ended" "终止证明关系" "A confirmed evidence ended."

    ListImportRecorded "list_import.recorded" "导入公布名单" "A list that was published was imported."
    ListImportUndone "list_import.undone" "撤回名单导入" "What an import of a list had recorded was taken back."
    ListOpened "list.opened" "设立名单" "A list was opened."
    PublicationDrafted "publication.drafted" "编制名单批次" "A publication was drafted."
    PublicationApproved "publication.approved" "审批名单批次" "A publication was approved."
    PublicationCancelled "publication.cancelled" "取消名单批次" "A publication was cancelled before it was published."
    PublicationPublished "publication.published" "发布名单批次" "A publication was signed and published."
    ListingListed "listing.listed" "列入名单" "A product was entered in a list."
    ListingAmended "listing.amended" "变更列名依据" "What the listing of a product rests on changed, and it stands as before."
    ListingSuspended "listing.suspended" "暂停列名" "The listing of a product was suspended."
    ListingRestored "listing.restored" "恢复列名" "The listing of a product was restored."
    ListingRemoved "listing.removed" "移出名单" "A product was removed from a list."

    CodeListLoaded "codelist.loaded" "载入代码表" "A code list was loaded."
    ClientAdded "client.added" "增设客户端" "A client was added."
    ClientRotated "client.rotated" "更换客户端密钥" "The keys of a client were replaced."
    ClientKeyAdded "client.key_added" "增设客户端密钥" "A key of a client was added."
    ClientKeyRetired "client.key_retired" "停用客户端密钥" "It was settled when a key of a client retires."
    ClientRevoked "client.revoked" "吊销客户端" "A client was revoked."
    PrivateRecorded "private.recorded" "非公开记录变更" "Something happened to a subject that is not public."
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_event_is_a_verb_on_a_noun_and_has_a_name_of_its_own() {
        let word = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        for event in Event::ALL {
            let (noun, verb) = event.name().split_once('.').unwrap();
            assert!(word(noun) && word(verb), "{event}");
        }
        let names: BTreeSet<_> = Event::ALL.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), Event::ALL.len());
    }

    #[test]
    fn every_event_is_told_in_chinese_and_in_english() {
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for event in Event::ALL {
            assert!(event.zh().chars().all(is_han), "{event}");
            assert!(event.en().is_ascii() && event.en().ends_with('.'), "{event}");
        }
    }

    #[test]
    fn an_event_is_written_and_read_by_its_name() {
        for event in Event::ALL {
            assert_eq!(event.to_string().parse(), Ok(*event));
            let json = serde_json::to_value(event).unwrap();
            assert_eq!((&json, serde_json::from_value(json.clone()).unwrap()), (&event.name().into(), *event));
        }
        let unknown = "certificate.vanished".parse::<Event>().unwrap_err();
        assert_eq!(unknown.to_string(), "the catalogue of Event has no `certificate.vanished`");
        assert!(serde_json::from_str::<Event>("\"certificate.vanished\"").is_err());
    }
}
