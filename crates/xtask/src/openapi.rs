//! The API's document: generated from the code, committed, compared.

use crate::error::Error;
use crate::process::{cargo, command, lvcai, output, root, run};
use crate::report::Outcome;
use std::fs;

/// The committed document, at the root.
pub(crate) const FILE: &str = "openapi.yaml";

/// Writes the document that the code describes.
pub(crate) fn write() -> Result<(), Error> {
    let document = generated()?;
    fs::write(root().join(FILE), &document).map_err(Error::system(format!("write {FILE}")))?;
    println!("{FILE}: {} lines", document.lines().count());
    Ok(())
}

/// Compares the committed document with the code.
pub(crate) fn compare() -> Result<Outcome, Error> {
    let generated = generated()?;
    let committed = fs::read_to_string(root().join(FILE)).map_err(Error::system(format!("read {FILE}")))?;
    match first_difference(&committed, &generated) {
        None => Ok(Outcome::Passed),
        Some(line) => {
            Err(Error::because(format!("{FILE} is not what the code says from line {line} on: `make openapi`")))
        }
    }
}

/// Blesses the document that the code describes: clients are told to write against it from now on.
///
/// The test that keeps the blessed document says what that breaks and writes the file.
pub(crate) fn bless() -> Result<(), Error> {
    let test =
        ["test", "--quiet", "--package", "lvcai-tests", "--test", "api", "--", "contract::blessed", "--nocapture"];
    run(cargo().env("LVCAI_BLESS", "1").args(test))
}

/// Asks a demo for the answers that the document shows, and writes the document with them.
pub(crate) fn examples() -> Result<(), Error> {
    run(cargo().env("LVCAI_EXAMPLES", "1").args([
        "test",
        "-q",
        "-p",
        "lvcai-tests",
        "--test",
        "api",
        "--",
        "contract::examples",
    ]))?;
    write()
}

/// The document in the words of OpenAPI 3.0.3.
pub(crate) fn older() -> Result<String, Error> {
    output(command(lvcai()?).args(["openapi", "--older"]))
}

fn generated() -> Result<String, Error> {
    output(command(lvcai()?).arg("openapi"))
}

fn first_difference(left: &str, right: &str) -> Option<usize> {
    if left == right {
        return None;
    }
    let equal = left.lines().zip(right.lines()).take_while(|(left, right)| left == right).count();
    Some(equal.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn documents_differ_from_the_first_line_that_is_not_the_same() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
    }
}
