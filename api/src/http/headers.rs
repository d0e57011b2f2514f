//! Headers that must not be misread.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};

/// Reads a header that has one value. A second line is refused: which of them counts would be a guess.
pub(crate) fn one<'a>(request: &'a HttpRequest, name: &'static str) -> Result<Option<&'a HeaderValue>, Problem> {
    let mut lines = request.headers().get_all(name);
    let first = lines.next();
    if lines.next().is_none() {
        return Ok(first);
    }
    let fault = Fault::new(name, Rule::Duplicate);
    Err(malformed(fault.detail(format!("请求头 {name} 出现多次"), format!("the header {name} is sent more than once"))))
}

/// Reads a header that is a list: several lines are one (RFC 9110 §5.3).
pub(crate) fn all(request: &HttpRequest, name: &'static str) -> Result<Option<String>, Problem> {
    let lines: Result<Vec<&str>, Problem> = request.headers().get_all(name).map(|line| text(line, name)).collect();
    let lines = lines?;
    Ok((!lines.is_empty()).then(|| lines.join(", ")))
}

/// Reads the text of a header, which is visible ASCII.
pub(crate) fn text<'a>(value: &'a HeaderValue, name: &'static str) -> Result<&'a str, Problem> {
    value.to_str().map_err(|_| {
        malformed(Fault::new(name, Rule::Pattern).detail(
            format!("请求头 {name} 只能含可见的 ASCII 字符"),
            format!("the header {name} may hold visible ASCII characters only"),
        ))
    })
}

/// A header that cannot be read.
pub(crate) fn malformed(fault: Fault) -> Problem {
    Problem::from(ProblemKind::Malformed).fault(fault)
}
