//! Addresses that are near one that exists: what is wrong with them.

use lvcai_domain::Bilingual;

/// Says what is wrong with an address, where `exists` knows the one that was meant.
pub(crate) fn hint(path: &str, exists: impl Fn(&str) -> bool) -> Option<Bilingual> {
    let mut plain = format!("/{}", path.split('/').filter(|it| !it.is_empty()).collect::<Vec<_>>().join("/"));
    let (zh, en) = if exists(path.trim_end_matches('/')) {
        ("地址末尾没有 /：请去掉", "the address does not end with a slash: leave it out")
    } else if exists(&plain) {
        ("地址中有多余的 /：请去掉", "the address has a slash too many: leave it out")
    } else if exists(&plain.to_ascii_lowercase()) {
        ("地址区分大小写：请用小写", "addresses are case-sensitive: write it in lower case")
    } else if exists(&format!("/v1{plain}")) {
        ("接口地址以 /v1 开头", "the address begins with /v1")
    } else {
        plain.make_ascii_lowercase();
        let parts: Vec<&str> = plain.split('/').collect();
        let of_a_number = matches!(parts.as_slice(), [_, "v1", _, _, "certificates" | "test-reports", _, _, ..]);
        if !of_a_number {
            return None;
        }
        ("编号中的 / 须写作 %2F", "a / within a number is written %2F")
    };
    Some(Bilingual::new(zh, en))
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn an_address_that_is_nearly_right_is_told_what_is_wrong() {
        let exists = |path: &str| matches!(path, "/v1/products" | "/v1/products/x" | "/problems");
        for (path, word) in [
            ("/v1/products/", "slash"),
            ("/v1/products//", "slash"),
            ("//v1/products", "slash too many"),
            ("/v1//products/x", "slash too many"),
            ("/V1/products", "case"),
            ("/v1/Products/", "case"),
            ("/products", "/v1"),
            ("/products/x/", "/v1"),
            ("/v1/certification-bodies/CNCA-R-2006-148/certificates/TEST/2026-1", "%2F"),
            ("/v1/laboratories/230800020001/test-reports/WT/1", "%2F"),
        ] {
            assert!(hint(path, exists).is_some_and(|it| it.en.contains(word)), "{path}");
        }
        assert_eq!(hint("/v1/nothing", exists), None);
    }
}
