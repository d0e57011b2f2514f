//! Reads JSON values into types, more strictly than serde's own reader and without stopping at unknown members.
//!
//! An object is an object: serde would read a struct from an array as well, by the order of its fields.
//! A member that is `null` is absent, as many serialisers write what they have not.

use super::text::push;
use super::wrong::{Shape, Wrong};
use lvcai_domain::Fault;
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value};
use std::cell::RefCell;

/// Where a reader is, and what it has passed over.
#[derive(Default)]
pub(super) struct Walk {
    /// Where it is; after an error, where that happened.
    path: RefCell<String>,
    unknown: RefCell<Vec<Fault>>,
}

impl Walk {
    /// Where it stopped, and the members that are not known.
    pub(super) fn end(self) -> (String, Vec<Fault>) {
        (self.path.into_inner(), self.unknown.into_inner())
    }

    /// Reads what stands one step deeper.
    fn deeper<T>(&self, step: &str, read: impl FnOnce() -> Result<T, Wrong>) -> Result<T, Wrong> {
        let before = self.path.borrow().len();
        push(&mut self.path.borrow_mut(), step);
        let value = read()?;
        self.path.borrow_mut().truncate(before);
        Ok(value)
    }
}

/// A value that is read.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) walk: &'a Walk,
}

impl<'a> Node<'a> {
    fn is_no(self, wanted: Shape) -> Wrong {
        Wrong::Type(wanted, self.value.into())
    }

    fn members(self) -> Result<&'a Map<String, Value>, Wrong> {
        self.value.as_object().ok_or_else(|| self.is_no(Shape::Object))
    }

    fn items(self) -> Result<Items<'a>, Wrong> {
        let items = self.value.as_array().ok_or_else(|| self.is_no(Shape::Array))?;
        Ok(Items { rest: items.iter(), place: 0, walk: self.walk })
    }

    fn text(self) -> Result<&'a str, Wrong> {
        self.value.as_str().ok_or_else(|| self.is_no(Shape::Text))
    }
}

/// Integers, as whichever type they are asked for.
macro_rules! integers {
    ($($deserialize:ident)+) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            match (self.value.as_i64(), self.value.as_u64()) {
                (Some(number), _) => visitor.visit_i64(number),
                (_, Some(number)) => visitor.visit_u64(number),
                _ => Err(self.is_no(Shape::Integer)),
            }
        }
    )+};
}

/// Texts, as whichever type they are asked for.
macro_rules! texts {
    ($($deserialize:ident)+) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.visit_borrowed_str(self.text()?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(it) => visitor.visit_bool(*it),
            Value::Number(it) if it.is_f64() => visitor.visit_f64(it.as_f64().unwrap_or_default()),
            Value::Number(_) => self.deserialize_i64(visitor),
            Value::String(it) => visitor.visit_borrowed_str(it),
            Value::Array(_) => visitor.visit_seq(self.items()?),
            Value::Object(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let mut known = Vec::new();
        for (name, value) in self.members()? {
            if !fields.contains(&name.as_str()) {
                let wrong = Wrong::Unknown(name.clone(), fields.to_vec());
                self.walk.unknown.borrow_mut().push(wrong.fault(self.walk.path.borrow().clone()));
            } else if !value.is_null() {
                known.push((name.as_str(), value));
            }
        }
        visitor.visit_map(Members { rest: known.into_iter(), next: None, walk: self.walk })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let all: Vec<_> = self.members()?.iter().map(|(name, value)| (name.as_str(), value)).collect();
        visitor.visit_map(Members { rest: all.into_iter(), next: None, walk: self.walk })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.value.as_bool().ok_or_else(|| self.is_no(Shape::Boolean))?)
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    texts! { deserialize_char deserialize_str deserialize_string deserialize_identifier }

    forward_to_deserialize_any! { f32 f64 bytes byte_buf unit unit_struct tuple tuple_struct ignored_any }
}

/// The items of an array, one after the other.
struct Items<'a> {
    rest: std::slice::Iter<'a, Value>,
    place: usize,
    walk: &'a Walk,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Wrong;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Wrong> {
        let Some(value) = self.rest.next() else { return Ok(None) };
        let step = self.place.to_string();
        self.place += 1;
        self.walk.deeper(&step, || seed.deserialize(Node { value, walk: self.walk })).map(Some)
    }
}

/// The members of an object, one after the other.
struct Members<'a> {
    rest: std::vec::IntoIter<(&'a str, &'a Value)>,
    next: Option<(&'a str, &'a Value)>,
    walk: &'a Walk,
}

impl<'de> MapAccess<'de> for Members<'de> {
    type Error = Wrong;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Wrong> {
        self.next = self.rest.next();
        self.next.map(|(name, _)| seed.deserialize(BorrowedStrDeserializer::new(name))).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let (name, value) = self.next.take().unwrap_or(("", &Value::Null));
        self.walk.deeper(name, || seed.deserialize(Node { value, walk: self.walk }))
    }
}
