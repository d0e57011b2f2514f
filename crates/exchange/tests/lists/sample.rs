//! Makes a list with every quirk that lists have, as xlsx and as csv, and knows how it should be read.

use std::path::Path;

use jiff::civil::{Date, date};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

/// A cell to be written.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Blank,
    Text(String),
    Number(f64),
    Day(Date),
}

/// How an entry should be read: row, enterprise, product, models, star, number, last day.
pub(crate) type Wanted = (u32, String, String, Vec<String>, u8, String, Date);

/// A sheet to be written.
#[derive(Default)]
pub(crate) struct Sample {
    grid: Vec<Vec<Value>>,
    /// Rows whose 序号 is merged with that of the two rows below.
    merged: Vec<u32>,
    pub(crate) wanted: Vec<Wanted>,
    /// Whether the last header had its columns in another order.
    swapped: bool,
}

const HEADER: [&str; 8] =
    ["序　号", "企业\n名称", "产品名称", "规格型号", "认证 等级", "证书编号", "有效期至", "联系人"];
const STARS: [(&str, u8); 6] = [("三星级", 3), ("★★", 2), ("１星", 1), ("Ⅲ", 3), ("二星", 2), ("3", 3)];

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

/// The day in one of the ways lists write it.
fn written(day: Date, way: usize) -> Value {
    let (y, m, d) = (day.year(), day.month(), day.day());
    match way % 7 {
        0 => Value::Day(day),
        1 => text(format!("{y}-{m:02}-{d:02}")),
        2 => text(format!("{y}/{m}/{d}")),
        3 => text(format!("{y}年{m}月{d}日")),
        4 => text(format!("{y}.{m}.{d}")),
        5 => Value::Number(f64::from(i32::from(y) * 10_000 + i32::from(m) * 100 + i32::from(d))),
        _ => text(format!("2020-06-05 至 {y}-{m:02}-{d:02}")),
    }
}

impl Sample {
    /// Makes a list with so many entries.
    pub(crate) fn with(entries: usize) -> Self {
        let mut sample = Self::default();
        sample.push(vec![text("大庆市绿色建材产品名录（第一批）")]);
        sample.push(vec![Value::Blank, text("更新至2025年6月5日")]);
        sample.push(vec![]);
        sample.header(false);
        for index in 0..entries {
            if index > 0 && index.is_multiple_of(50) {
                sample.push(vec![]);
                sample.header(index.is_multiple_of(100));
            }
            sample.entry(index);
        }
        sample.push(vec![text("合计"), Value::Blank, Value::Number(2000.0)]);
        sample.push(vec![text("注：本名录按批次动态调整。")]);
        sample
    }

    fn push(&mut self, row: Vec<Value>) -> u32 {
        self.grid.push(row);
        u32::try_from(self.grid.len()).unwrap()
    }

    fn header(&mut self, swapped: bool) {
        self.swapped = swapped;
        let mut row: Vec<Value> = HEADER.map(text).to_vec();
        if swapped {
            row.swap(2, 7);
        }
        self.push(row);
    }

    fn entry(&mut self, index: usize) {
        // Three entries share one merged enterprise; every tenth row has a continuation.
        let leader = index - index % 50 % 3;
        let enterprise = format!("大庆第{leader}建材有限公司");
        let (star, wanted_star) = STARS[index % STARS.len()];
        let day = date(2025, 1, 1).checked_add(jiff::Span::new().days(i64::try_from(index).unwrap())).unwrap();
        let number = format!("CABR-01(02)-(2025)-CGP-{index:04}");
        let shown: String =
            if index.is_multiple_of(5) { number.replace("2025", "２０２５") } else { number.clone() };
        let first = index == leader;
        let mut row = vec![
            if first { Value::Number(f64::from(u32::try_from(leader + 1).unwrap())) } else { Value::Blank },
            if first { text(enterprise.replace("建材", "\n建材")) } else { Value::Blank },
            text(format!("预拌混凝土　{index}号")),
            text(format!("C{index}、D(1,2)；Ｅ\nF")),
            if star == "3" { Value::Number(3.0) } else { text(star) },
            text(shown),
            written(day, index),
            text("张三"),
        ];
        if self.swapped {
            row.swap(2, 7);
        }
        let at = self.push(row);
        if first && index % 50 < 47 && index.is_multiple_of(10) {
            self.merged.push(at);
        }
        let mut models = vec![format!("C{index}"), "D(1,2)".into(), "E".into(), "F".into()];
        if index % 10 == 9 {
            let mut row = vec![Value::Blank; 8];
            row[3] = text("G，H");
            self.push(row);
            models.extend(["G".into(), "H".into()]);
        }
        self.wanted.push((at, enterprise, format!("预拌混凝土 {index}号"), models, wanted_star, number, day));
    }

    /// Writes an xlsx with this sheet, a covering sheet, a hidden one, and merged cells.
    pub(crate) fn xlsx(&self, path: &Path) {
        let mut book = Workbook::new();
        book.add_worksheet().set_name("封面").unwrap().write_string(0, 0, "关于公布名录的通知").unwrap();
        let dates = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
        let sheet = book.add_worksheet().set_name("名录").unwrap();
        for (row, cells) in (0..).zip(&self.grid) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Value::Blank => {}
                    Value::Text(text) => drop(sheet.write_string(row, column, text).unwrap()),
                    Value::Number(number) => drop(sheet.write_number(row, column, *number).unwrap()),
                    Value::Day(day) => {
                        let (month, day_of) = (day.month().unsigned_abs(), day.day().unsigned_abs());
                        let moment = ExcelDateTime::from_ymd(day.year().unsigned_abs(), month, day_of).unwrap();
                        sheet.write_datetime_with_format(row, column, &moment, &dates).unwrap();
                    }
                }
            }
        }
        for first in &self.merged {
            if let Value::Number(serial) = &self.grid[usize::try_from(*first).unwrap() - 1][0] {
                sheet.merge_range(first - 1, 0, first + 1, 0, "", &Format::new()).unwrap();
                sheet.write_number(first - 1, 0, *serial).unwrap();
            }
        }
        // What a careless click on a million rows leaves behind.
        sheet.write_blank(1_048_575, 3, &dates).unwrap();
        let hidden = book.add_worksheet().set_name("旧").unwrap();
        hidden.set_hidden(true);
        for (column, name) in (0..).zip(HEADER) {
            hidden.write_string(0, column, name).unwrap();
        }
        book.save(path).unwrap();
    }

    /// The same as csv text.
    pub(crate) fn csv(&self, delimiter: char) -> String {
        let mut out = String::new();
        for row in &self.grid {
            let cells = (0..8).map(|column| match row.get(column) {
                None | Some(Value::Blank) => String::new(),
                Some(Value::Text(text)) => format!("\"{text}\""),
                Some(Value::Number(number)) => number.to_string(),
                Some(Value::Day(day)) => day.strftime("%Y/%-m/%-d").to_string(),
            });
            out.push_str(&cells.collect::<Vec<_>>().join(&delimiter.to_string()));
            out.push_str("\r\n");
        }
        out
    }
}
