//! No bytes make the reader panic: at random, or a list that was damaged.

use std::sync::LazyLock;

use lvcai_exchange::{Limits, Named, read_list};
use proptest::prelude::*;

use crate::sample::Sample;

static WORKBOOK: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let place = tempfile::TempDir::new().unwrap();
    Sample::with(60).xlsx(&place.path().join("list.xlsx"));
    std::fs::read(place.path().join("list.xlsx")).unwrap()
});

fn read(data: &[u8]) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), data).unwrap();
    let _ = read_list(file.path(), &Limits::default(), &Named::default(), &mut |_| {});
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_not_make_it_panic(data in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(&data);
        read(&[b"PK\x03\x04", &data[..]].concat());
    }

    #[test]
    fn arbitrary_text_below_a_header_does_not_make_it_panic(text in "(?s).{0,200}", cells in "[,;\"\n年月日至0-9.()（、★/-]{0,200}") {
        read(format!("序号,企业名称,产品名称,规格型号,认证等级,证书编号,有效期至,备注\n{cells}\n{text}").as_bytes());
    }

    #[test]
    fn a_damaged_workbook_does_not_make_it_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut data = WORKBOOK.clone();
        for (at, byte) in changes {
            let at = at.index(data.len());
            data[at] = byte;
        }
        read(&data);
    }

    #[test]
    fn a_workbook_cut_short_does_not_make_it_panic(end in any::<prop::sample::Index>()) {
        read(&WORKBOOK[..end.index(WORKBOOK.len())]);
    }
}
