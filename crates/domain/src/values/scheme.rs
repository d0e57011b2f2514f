//! The schemes under which certificates are issued.

use crate::wire_names::wire_names;

wire_names! {
    /// The scheme a certificate is issued under
    ///
    /// Sources: 国质检认联〔2017〕544号 and 市监认证〔2020〕89号 (star certification), 国办发〔2016〕86号 (green product),
    /// 建科〔2014〕75号 (the evaluation label, which lapsed).
    pub enum Scheme named by name {
        /// Green building material product certification by stars (绿色建材产品分级认证).
        StarCertification "star_certification",
        /// China green product certification (中国绿色产品认证), which has no star.
        GreenProduct "green_product",
        /// The former evaluation label (绿色建材评价标识), valid for three years.
        LegacyLabel "legacy_label",
    }
}
