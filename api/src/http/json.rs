//! JSON into checked values, and everything that is wrong with it into faults of the catalogue.
//!
//! serde stops at the first fault. Here what is at fault is put aside or replaced by a sample, and the value is read
//! again, until the rest of it is read: so a client learns all at once, whatever the type, in the words of its own
//! checks. What `validator` finds then is told as well.

mod node;
mod sample;
mod text;
mod wrong;

pub(crate) use text::{Text, read};
pub(crate) use wrong::Wrong;

use crate::http::checks;
use lvcai_domain::{Fault, Problem, Restated, Rule};
use node::{Node, Walk};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors, ValidationErrorsKind};

/// How many faults one answer names.
const FAULTS: usize = 100;

/// How often a value is read again, and how many bytes in all: a large one is not read a hundred times.
const ROUNDS: usize = 2 * FAULTS;
const BYTES: usize = 4 * 1024 * 1024;

/// Parses and validates: all faults are named.
pub(crate) fn parse<T: DeserializeOwned + Validate + ToSchema>(bytes: &[u8]) -> Result<T, Problem> {
    build(read(bytes)?, bytes.len())
}

/// Validates a value that was read already.
pub(crate) fn from_value<T: DeserializeOwned + Validate + ToSchema>(value: Value) -> Result<T, Problem> {
    build(Text { value, faults: Vec::new() }, 0)
}

/// Validates what a text of so many bytes holds.
pub(crate) fn build<T: DeserializeOwned + Validate + ToSchema>(text: Text, bytes: usize) -> Result<T, Problem> {
    let Text { mut value, mut faults } = text;
    let mut put_aside = Aside::default();
    for _ in 0..(BYTES / bytes.max(1)).clamp(8, ROUNDS) {
        let walk = Walk::default();
        let read = T::deserialize(Node { value: &value, walk: &walk });
        let (at, unknown) = walk.end();
        for fault in unknown {
            remove(&mut value, &fault.pointer);
            faults.push(fault);
        }
        match read {
            Ok(read) => {
                faults.extend(broken(&read).into_iter().filter(|fault| !put_aside.has(&fault.pointer)));
                return if faults.is_empty() { Ok(read) } else { Err(refused(faults, true)) };
            }
            Err(wrong) => {
                let fault = as_it_was(wrong.fault(at), &value);
                let pointer = fault.pointer.clone();
                if !put_aside.has(&pointer) {
                    faults.push(fault);
                }
                if faults.len() > FAULTS || !put_aside.replace::<T>(&mut value, pointer) {
                    break;
                }
            }
        }
    }
    Err(refused(faults, false))
}

/// Takes out of a body what a record `R` has and a `T` does not take: what the registry gives and clients repeat.
pub(crate) fn take_restated<T: ToSchema, R: ToSchema>(body: &mut Value) -> Restated {
    let own = sample::members::<T>();
    let beside = sample::members::<R>().into_iter().filter(|it| !own.contains(it));
    let members = body.as_object_mut();
    Restated::new(members.map(|it| beside.filter_map(|name| it.remove_entry(&name)).collect()).unwrap_or_default())
}

/// What was put aside, so that the rest could be read.
#[derive(Default)]
struct Aside(Vec<String>);

impl Aside {
    /// Tells whether a fault is at what was put aside or within.
    fn has(&self, pointer: &str) -> bool {
        let within = |at: &String| pointer.strip_prefix(at).is_some_and(|it| it.is_empty() || it.starts_with('/'));
        self.0.iter().any(within)
    }

    /// Puts a member aside; where it cannot be done without, and in a list, a sample comes in its place.
    ///
    /// Says whether that helps: a sample that is refused itself does not, nor is there one for the whole body.
    fn replace<T: ToSchema>(&mut self, value: &mut Value, pointer: String) -> bool {
        let Some((parent, step)) = pointer.rsplit_once('/') else { return false };
        let again = self.has(&pointer);
        let step = step.replace("~1", "/").replace("~0", "~");
        let done = match value.pointer_mut(parent) {
            Some(Value::Object(members)) => {
                let is_there = members.remove(&step).is_some_and(|it| !it.is_null());
                is_there && !again
                    || !is_there && sample::at::<T>(&pointer).is_some_and(|it| members.insert(step, it).is_none())
            }
            Some(Value::Array(items)) if !again => {
                let item = step.parse().ok().and_then(|place: usize| items.get_mut(place));
                item.zip(sample::at::<T>(&pointer)).map(|(item, sample)| *item = sample).is_some()
            }
            _ => false,
        };
        self.0.push(pointer);
        done
    }
}

/// A member that must be there and is `null` is of the wrong type, rather than missing.
fn as_it_was(fault: Fault, value: &Value) -> Fault {
    let is_null = value.pointer(&fault.pointer).is_some_and(Value::is_null);
    if fault.rule == Rule::Required && is_null {
        return Fault::new(fault.pointer, Rule::WrongType)
            .detail("必填字段不能为 null", "a field that is required cannot be null");
    }
    fault
}

fn remove(value: &mut Value, pointer: &str) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    if let Some(members) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
        members.remove(&name.replace("~1", "/").replace("~0", "~"));
    }
}

/// The refusal of a body; says so where there may be more faults than it names.
fn refused(mut faults: Vec<Fault>, are_all: bool) -> Problem {
    let more = faults.len() > FAULTS || !are_all;
    faults.truncate(FAULTS);
    let count = faults.len();
    let problem = Problem::from(faults);
    if !more {
        return problem;
    }
    problem.detail(
        format!("列出 {count} 处错误，改正后可能还会发现其他错误"),
        format!("{count} faults are named; once they are corrected there may be others"),
    )
}

/// What `validator` finds wrong.
fn broken<T: Validate>(value: &T) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Err(errors) = value.validate() {
        collect(&errors, "", &mut faults);
    }
    faults
}

/// Walks what `validator` found.
fn collect(errors: &ValidationErrors, pointer: &str, faults: &mut Vec<Fault>) {
    let mut found: Vec<_> = errors.errors().iter().collect();
    found.sort_by_key(|(field, _)| *field);
    for (field, kind) in found {
        let pointer = format!("{pointer}/{field}");
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), faults);
                }
            }
            ValidationErrorsKind::Field(broken) => {
                faults.extend(broken.iter().flat_map(|error| checks::faults(error, &pointer)));
            }
        }
    }
}
