//! A registry's worth of made-up products, in the columns that cities publish.

use crate::error::Error;
use crate::process::root;
use std::collections::HashSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What a client pushes, each time with a number of its own.
pub(super) const RECORD: &str = r#"{"scheme":"star_certification","kind":"gbm-09","star":3,"holder":{"name":"大庆示例门窗有限公司"},"product_name":"内平开塑料窗","units":[{"name":"65系列内平开窗","models":["65系列"],"climate_zones":["severe_cold","cold"]}],"standards":["T/CECS 10026-2019"],"issued_on":"2025-06-05","valid_until":"2030-06-04","reported_status":"01"}"#;

/// Rows of one file; a file is one command of the registry.
const ROWS_PER_FILE: usize = 10_000;
/// How many enterprises make them.
const BRANDS: usize = 800;
/// A brand is a character of the first and one of the second, so that a search for both finds what a search does.
const FIRST: &str = "康安华宏佳中金瑞恒泰盛美新天东北龙嘉永利德信和百千万福兴隆昌明光远大长青绿松江";
const SECOND: &str = "居家源达业筑城固宁典卓诚庭邦峰川林晶辉雅力";
const HEADER: &str = "序号,企业名称,产品名称,规格型号,产品类别,认证等级,证书编号,有效期至,认证机构,备注\n";

/// Where the names come from that the registry must know.
struct Names {
    kinds: Vec<String>,
    bodies: Vec<String>,
}

/// Writes the files and returns their paths.
pub(crate) fn write(folder: &Path, products: usize) -> Result<Vec<PathBuf>, Error> {
    let names = Names::read()?;
    let brands = brands();
    let mut files = Vec::new();
    for begin in (0..products).step_by(ROWS_PER_FILE) {
        let mut text = String::from(HEADER);
        for number in begin..products.min(begin.saturating_add(ROWS_PER_FILE)) {
            row(&mut text, number, &names, &brands);
        }
        let file = folder.join(format!("products-{begin:07}.csv"));
        fs::write(&file, text).map_err(Error::system(format!("write {}", file.display())))?;
        files.push(file);
    }
    Ok(files)
}

/// Certificate numbers of the rows, some of which are unknown and none of which repeats.
pub(crate) fn numbers(products: usize, count: usize) -> Vec<String> {
    let step = products.checked_div(count).unwrap_or(1).max(1);
    (0..count).map(|it| certificate(it.saturating_mul(step))).collect()
}

/// Two-character words that are somebody's brand.
pub(crate) fn words() -> Vec<String> {
    brands()
}

fn certificate(number: usize) -> String {
    format!("BENCH-{number:07}")
}

fn row(text: &mut String, number: usize, names: &Names, brands: &[String]) {
    let unknown = String::new();
    let brand = brands.get(number % brands.len().max(1)).unwrap_or(&unknown);
    let turn = number / brands.len().max(1);
    let kind = names.kinds.get(turn % names.kinds.len().max(1)).unwrap_or(&unknown);
    let body = names.bodies.get(number % names.bodies.len().max(1)).unwrap_or(&unknown);
    let model = turn / names.kinds.len().max(1);
    let star = ["一星级", "二星级", "三星级"].into_iter().cycle().nth(number % 3).unwrap_or("三星级");
    let (year, month) = (2028 + number % 4, 1 + number % 12);
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "{},大庆{brand}建材有限公司,{brand}牌{kind}{model:02}型,{brand}-{turn:03}A、{brand}-{turn:03}B,{kind},{star},{},{year}-{month:02}-15,{body},",
        number.saturating_add(1),
        certificate(number),
    );
}

fn brands() -> Vec<String> {
    let mut seen = HashSet::new();
    let pairs = SECOND.chars().flat_map(|second| FIRST.chars().map(move |first| format!("{first}{second}")));
    pairs.filter(|it| seen.insert(it.clone())).take(BRANDS).collect()
}

impl Names {
    fn read() -> Result<Self, Error> {
        let star = "green-building-material-certification";
        let kinds = column("kinds.csv", 3, |it| it.starts_with(star))?;
        // A name of two catalogues would need to say which one.
        let others: HashSet<_> = column("kinds.csv", 3, |it| !it.starts_with(star))?.into_iter().collect();
        let kinds = kinds.into_iter().filter(|it| !others.contains(it)).collect();
        let bodies = column("certification_bodies.csv", 1, |_| true)?.into_iter().take(20).collect();
        Ok(Self { kinds, bodies })
    }
}

/// A column of the reference data, left of any cell that is quoted.
fn column(file: &str, index: usize, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, Error> {
    let path = root().join("crates/domain/reference").join(file);
    let text = fs::read_to_string(&path).map_err(Error::system(format!("read {}", path.display())))?;
    let lines = text.lines().skip(1).filter(|it| wanted(it));
    Ok(lines.filter_map(|it| it.split(',').nth(index).map(str::to_owned)).collect())
}

#[cfg(test)]
mod tests {
    use super::{brands, numbers, write};
    use std::collections::HashSet;

    #[test]
    fn no_two_products_share_a_name_or_a_certificate() {
        let folder = std::env::temp_dir().join(format!("lvcai-bench-data-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();

        let files = write(&folder, 100_000).unwrap();

        let text: String = files.iter().map(|it| std::fs::read_to_string(it).unwrap()).collect();
        std::fs::remove_dir_all(&folder).unwrap();
        let rows: Vec<Vec<&str>> =
            text.lines().filter(|it| !it.starts_with('序')).map(|it| it.split(',').collect()).collect();
        assert_eq!(rows.len(), 100_000);
        assert!(rows.iter().all(|it| it.len() == 10));
        assert_eq!(rows.iter().map(|it| (it[1], it[2])).collect::<HashSet<_>>().len(), 100_000);
        assert_eq!(rows.iter().map(|it| it[6]).collect::<HashSet<_>>().len(), 100_000);
    }

    #[test]
    fn every_brand_is_two_characters_and_there_are_enough() {
        assert!(brands().iter().all(|it| it.chars().count() == 2));
        assert!(brands().len() > 700);
    }

    #[test]
    fn the_numbers_asked_about_do_not_repeat() {
        assert_eq!(numbers(100_000, 1_000).into_iter().collect::<HashSet<_>>().len(), 1_000);
    }
}
