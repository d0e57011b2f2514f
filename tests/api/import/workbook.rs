//! Makes a list with every quirk that lists have, and knows what should become of each row.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rust_xlsxwriter::{ExcelDateTime, Format};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Clone)]
enum Cell {
    Blank,
    Text(String),
    Number(f64),
    Day(Date),
}

const HEADER: [&str; 10] = [
    "序　号",
    "企业\n名称",
    "产品名称",
    "规格型号",
    "产品类别",
    "认证等级/星级",
    "证书编号",
    "有效期至",
    "认证机构",
    "备注",
];
const STARS: [&str; 7] = ["三星级", "★★★", "３星", "Ⅲ", "三星", "3", "绿色建材三星级标识"];
const KINDS: [&str; 2] = ["预拌混凝土", "建筑门窗及配件"];
const BODIES: [&str; 2] = ["中国建筑科学研究院", "中国质量认证中心"];

/// A list, what should become of its rows, and what should stand afterwards.
#[derive(Default)]
pub(super) struct Workbook {
    grid: Vec<Vec<Cell>>,
    merged: Vec<u32>,
    swapped: bool,
    /// By row: the outcome, and a word of the reason.
    pub(super) wanted: BTreeMap<u32, (&'static str, &'static str)>,
    /// Certificate numbers with their last days.
    pub(super) certificates: BTreeMap<String, String>,
    pub(super) products: BTreeSet<String>,
    pub(super) enterprises: BTreeSet<String>,
}

fn cell(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// The day in one of the ways lists write it.
fn written(day: Date, way: usize) -> Cell {
    let (y, m, d) = (day.year(), day.month(), day.day());
    let wide = |text: String| {
        text.chars()
            .map(|c| if c.is_ascii_digit() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c })
            .collect::<String>()
    };
    match way % 6 {
        0 => Cell::Day(day),
        1 => cell(format!("{y}-{m:02}-{d:02}")),
        2 => cell(format!("{y}年{m}月{d}日")),
        3 => cell(format!("{y}.{m}.{d}")),
        4 => cell(wide(format!("{y}年{m}月{d}日"))),
        _ => cell(format!("2025-06-05至{y}-{m:02}-{d:02}")),
    }
}

fn star(index: usize, wrong: Wrong) -> Cell {
    match STARS[index % 7] {
        _ if wrong == Wrong::Star => cell("五星"),
        "3" => Cell::Number(3.0),
        text => cell(text),
    }
}

/// What is wrong with a row, if anything is.
#[derive(Clone, Copy, PartialEq)]
enum Wrong {
    Nothing,
    /// The number of the row before, as another unit of its certificate.
    Unit,
    /// The number of an earlier row, with another last day.
    Double,
    Body,
    Kind,
    Date,
    NoDate,
    Star,
    NoNumber,
    Altered,
}

impl Wrong {
    fn of(index: usize) -> Self {
        match index % 40 {
            // A number has one holder, so the row before must be of the same enterprise.
            5 if !index.is_multiple_of(3) => Self::Unit,
            11 => Self::Double,
            14 => Self::Body,
            17 => Self::Kind,
            20 => Self::Date,
            23 => Self::NoDate,
            26 => Self::Star,
            29 => Self::NoNumber,
            32 => Self::Altered,
            _ => Self::Nothing,
        }
    }

    fn taken(self) -> bool {
        matches!(self, Self::Nothing | Self::Unit)
    }

    /// The column that the outcome names.
    fn column(self) -> &'static str {
        match self {
            Self::Nothing | Self::Unit => "",
            Self::Body => "认证机构",
            Self::Kind => "产品类别",
            Self::Double | Self::Date | Self::NoDate => "有效期至",
            Self::Star => "认证等级",
            Self::NoNumber | Self::Altered => "证书编号",
        }
    }
}

impl Workbook {
    /// A list with so many entries, under a title, with the header repeated and its columns in another order.
    pub(super) fn with(entries: usize) -> Self {
        let mut book = Self::default();
        book.push(vec![cell("大庆市绿色建材产品名录（第一批）")]);
        book.push(vec![Cell::Blank, cell("更新至2025年6月5日")]);
        book.push(vec![]);
        book.header(false);
        for index in 0..entries {
            if index > 0 && index.is_multiple_of(60) {
                book.push(vec![]);
                book.header(index.is_multiple_of(120));
            }
            book.entry(index);
        }
        book.push(vec![cell("合计"), Cell::Blank, Cell::Number(2000.0)]);
        book.push(vec![cell("注：本名录按批次动态调整。")]);
        book
    }

    fn push(&mut self, mut row: Vec<Cell>) -> u32 {
        if self.swapped && row.len() == HEADER.len() {
            row.swap(2, 8);
            row.swap(6, 7);
        }
        self.grid.push(row);
        u32::try_from(self.grid.len()).unwrap()
    }

    fn header(&mut self, swapped: bool) {
        self.swapped = swapped;
        self.push(HEADER.map(cell).to_vec());
    }

    fn entry(&mut self, index: usize) {
        let wrong = Wrong::of(index);
        let leader = index - index % 3;
        let enterprise = if wrong.taken() {
            format!("大庆第{leader}建材有限公司")
        } else {
            format!("不良第{index}有限公司")
        };
        // The cell of an enterprise is merged over its products; nothing is inherited from another's row.
        let inherits = !index.is_multiple_of(3) && wrong.taken() && Wrong::of(index - 1).taken();
        // Which row's certificate it names.
        let like = match wrong {
            Wrong::Unit => index - 1,
            Wrong::Double => index - 4,
            _ => index,
        };
        let number = format!("CABR-01(02)-(2025)-CGP-{like:04}");
        let later = if wrong == Wrong::Double { index } else { like };
        let day = date(2030, 1, 1).checked_add(i64::try_from(later).unwrap().days()).unwrap();
        let product = format!("预拌材料　{index}号");
        let shown = if index.is_multiple_of(4) { number.replace("2025", "２０２５") } else { number.clone() };
        let row = vec![
            if inherits { Cell::Blank } else { Cell::Number(f64::from(u32::try_from(index + 1).unwrap())) },
            if inherits { Cell::Blank } else { cell(enterprise.replace("有限", "\n有限")) },
            cell(product.clone()),
            cell(format!("C{index}、D(1,2)；Ｅ\nF")),
            cell(if wrong == Wrong::Kind { "没有的种类" } else { KINDS[like / 2 % 2] }),
            star(index, wrong),
            match wrong {
                Wrong::NoNumber => cell("/"),
                Wrong::Altered => Cell::Number(2_013_010_702_607_951.0),
                _ => cell(shown),
            },
            match wrong {
                Wrong::Date => cell("长期"),
                Wrong::NoDate => Cell::Blank,
                _ => written(day, index),
            },
            cell(if wrong == Wrong::Body { "没有的认证机构" } else { BODIES[like / 3 % 2] }),
            cell(if index.is_multiple_of(11) { "换证" } else { "" }),
        ];
        let at = self.push(row);
        if index.is_multiple_of(3)
            && (1..3).all(|next| Wrong::of(index + next).taken())
            && wrong.taken()
            && index % 60 < 57
        {
            self.merged.push(at);
        }
        if index % 10 == 9 && wrong.taken() {
            self.push((0..HEADER.len()).map(|column| if column == 3 { cell("G，H") } else { Cell::Blank }).collect());
        }
        self.wanted.insert(at, (if wrong.taken() { "imported" } else { "refused" }, wrong.column()));
        if wrong.taken() {
            self.certificates.insert(number, day.to_string());
            self.products.insert(product.replace('\u{3000}', " "));
            self.enterprises.insert(enterprise);
        }
    }

    /// Writes it as xlsx, with a covering sheet and a hidden one.
    pub(super) fn save(&self, path: &Path) {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.add_worksheet().set_name("封面").unwrap().write_string(0, 0, "关于公布名录的通知").unwrap();
        let dates = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let sheet = book.add_worksheet().set_name("名录").unwrap();
        for (row, cells) in (0..).zip(&self.grid) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Blank => {}
                    Cell::Text(text) => drop(sheet.write_string(row, column, text).unwrap()),
                    Cell::Number(number) => drop(sheet.write_number(row, column, *number).unwrap()),
                    Cell::Day(day) => {
                        let (month, day_of) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                        let moment = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, day_of).unwrap();
                        sheet.write_datetime_with_format(row, column, &moment, &dates).unwrap();
                    }
                }
            }
        }
        for first in &self.merged {
            if let Cell::Number(serial) = &self.grid[usize::try_from(*first).unwrap() - 1][0] {
                sheet.merge_range(first - 1, 0, first + 1, 0, "", &Format::new()).unwrap();
                sheet.write_number(first - 1, 0, *serial).unwrap();
            }
        }
        let hidden = book.add_worksheet().set_name("旧").unwrap();
        hidden.set_hidden(true);
        for (column, name) in (0..).zip(HEADER) {
            hidden.write_string(0, column, name).unwrap();
        }
        book.save(path).unwrap();
    }
}
