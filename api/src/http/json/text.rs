//! The text of a body into JSON values, in which each thing is written in one way.
//!
//! Texts are trimmed and joined to one line as those of a table are, so that a record is the same by whichever door it
//! comes; a number without a fraction is an integer, as JSON Schema has it.

use lvcai_domain::{Fault, Problem, ProblemKind, Rule, one_line};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// What a text holds.
pub(crate) struct Text {
    pub(crate) value: Value,
    /// The members that stand more than once; the first of them counts.
    pub(super) faults: Vec<Fault>,
}

/// Reads a text that is JSON.
pub(crate) fn read(bytes: &[u8]) -> Result<Text, Problem> {
    // PowerShell and others put a mark of the byte order before UTF-8; it says nothing.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let mut reading = Reading::default();
    match Any(&mut reading).deserialize(&mut deserializer) {
        Ok(value) => {
            deserializer.end().map_err(|error| syntax(&error, String::new()))?;
            Ok(Text { value, faults: reading.faults })
        }
        Err(error) => Err(syntax(&error, reading.path)),
    }
}

/// Adds a step to a pointer (RFC 6901).
pub(super) fn push(path: &mut String, step: &str) {
    path.push('/');
    path.push_str(&step.replace('~', "~0").replace('/', "~1"));
}

#[derive(Default)]
struct Reading {
    /// Where it is reading; after an error, where that happened.
    path: String,
    faults: Vec<Fault>,
}

/// Reads whatever stands there.
struct Any<'a>(&'a mut Reading);

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(it.into())
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        // Beyond 2^53 a float may stand for several integers.
        let whole = (it.fract() == 0.0 && it.abs() <= 9_007_199_254_740_992.0).then(|| format!("{it:.0}"));
        Ok(whole.and_then(|it| it.parse::<i64>().ok()).map_or_else(|| it.into(), Value::from))
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(one_line(it).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        let before = self.0.path.len();
        loop {
            push(&mut self.0.path, &items.len().to_string());
            let Some(item) = access.next_element_seed(Any(&mut *self.0))? else { break };
            self.0.path.truncate(before);
            items.push(item);
        }
        self.0.path.truncate(before);
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        let before = self.0.path.len();
        while let Some(name) = access.next_key::<String>()? {
            push(&mut self.0.path, &name);
            let value = access.next_value_seed(Any(&mut *self.0))?;
            if members.contains_key(&name) {
                self.0.faults.push(Fault::new(&*self.0.path, Rule::Duplicate));
            } else {
                members.insert(name, value);
            }
            self.0.path.truncate(before);
        }
        Ok(Value::Object(members))
    }
}

/// Says why a text is no JSON.
fn syntax(error: &serde_json::Error, pointer: String) -> Problem {
    let text = error.to_string();
    let text = text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(&text);
    if text == "number out of range" {
        let (zh, en) = ("数值过大，无法处理", "the number is too large to be read");
        return Fault::new(pointer, Rule::OutOfRange).detail(zh, en).into();
    }
    let (line, column) = (error.line(), error.column());
    let zh = REASONS.iter().find(|(en, _)| text.starts_with(en)).map_or("不是有效的 JSON", |(_, zh)| zh);
    let fault = Fault::new(pointer, Rule::MalformedJson)
        .detail(format!("第 {line} 行第 {column} 列：{zh}"), format!("line {line}, column {column}: {text}"));
    Problem::from(ProblemKind::Malformed).fault(fault)
}

/// What `serde_json` says of a text that is no JSON, by the beginning of its sentence.
const REASONS: [(&str, &str); 17] = [
    ("EOF while parsing", "内容不完整，在结束之前中断"),
    ("expected `:`", "此处应为冒号"),
    ("expected `,` or `]`", "此处应为逗号或右方括号"),
    ("expected `,` or `}`", "此处应为逗号或右花括号"),
    ("expected ident", "此处应为 true、false 或 null"),
    ("expected value", "此处应有一个值"),
    ("expected `\"`", "此处应为双引号"),
    ("invalid escape", "转义序列无效"),
    ("invalid number", "数的写法无效"),
    ("invalid unicode code point", "不是 UTF-8 编码"),
    ("control character", "字符串中有未转义的控制字符"),
    ("key must be a string", "字段名须为带双引号的字符串"),
    ("lone leading surrogate", "代理字符不成对"),
    ("trailing comma", "多余的逗号"),
    ("trailing characters", "结束之后还有内容"),
    ("unexpected end of hex escape", "代理字符不成对"),
    ("recursion limit exceeded", "嵌套过深"),
];
