//! Why a product does not qualify for a publication, and what to do about it.

use crate::conformity::EvidenceStatus;
use crate::product::{Product, ProductStatus};

crate::catalogue! {
    /// Why a product does not qualify for a publication.
    pub enum Shortfall named by id, with {
        /// What to do about it, in Chinese.
        fix_zh: &'static str,
        /// What to do about it, in English.
        fix_en: &'static str,
    }

    Twice "twice" "该产品在列表中出现不止一次" "The product is named more than once."
        "只列一次。" "Name it once."
    Unknown "unknown" "没有此产品" "There is no such product."
        "核对产品标识，或先登记该产品。" "Check the identifier, or register the product first."
    Draft "draft" "该产品尚未入库" "The product has not been admitted."
        "由主管部门审核入库（步骤 admit）后再列入。" "Let the authority admit it (step `admit`) and name it then."
    NoEvidence "no-evidence" "该产品没有经确认的证据" "The product has no confirmed evidence."
        "先以证书或检验检测报告提出证据（/v1/evidence）并确认。" "Claim a certificate or a test report as its evidence (/v1/evidence) and have it confirmed."
    EvidenceDoesNotHold "evidence-does-not-hold"
        "该产品经确认的证据今日不成立：证书已暂停、撤销、注销或到期，报告已作废，未覆盖该产品，属于其他企业，或不符合所选条件"
        "The product's confirmed evidence does not hold today: its certificate is suspended, withdrawn, cancelled or expired, its report is void, it does not cover the product, it is another firm's, or it does not fit the selection."
        "须有今日有效（状态 01，未过有效期）、覆盖该产品且属于该企业的证书或报告：待证书恢复，或以另一有效证书提出证据后再列入。"
        "A certificate (status 01, not past its last day) or report is needed that holds today, covers the product and is its enterprise's: name the product once the certificate is restored, or another one proves it."
}

impl Shortfall {
    /// Why a product does not qualify: how far it has come, and what its evidence is.
    pub fn of(product: Option<&Product>, evidence: &[EvidenceStatus]) -> Self {
        match product.map(|it| it.status) {
            None => Self::Unknown,
            Some(ProductStatus::Draft) => Self::Draft,
            Some(_) if !evidence.contains(&EvidenceStatus::Confirmed) => Self::NoEvidence,
            Some(_) => Self::EvidenceDoesNotHold,
        }
    }
}
