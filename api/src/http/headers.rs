//! Headers that must not be misread.

use crate::http::failure::Failure;
use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, HeaderName, HeaderValue};
use lvcai_domain::{Fault, Problem, ProblemKind, Rule};

/// The id of a request: in the log, in every answer and in every problem. A request that came without one is given it.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    let lines: Result<Vec<&str>, Problem> = request.headers().get_all(name).map(|line| visible(line, name)).collect();
    let lines = lines?;
    Ok((!lines.is_empty()).then(|| lines.join(", ")))
}

/// Reads the text of a header that has one value.
pub(crate) fn text<'a>(request: &'a HttpRequest, name: &'static str) -> Result<Option<&'a str>, Problem> {
    one(request, name)?.map(|value| visible(value, name)).transpose()
}

/// The text of a line, which is visible ASCII.
fn visible<'a>(value: &'a HeaderValue, name: &'static str) -> Result<&'a str, Problem> {
    value.to_str().map_err(|_| {
        malformed(Fault::new(name, Rule::Pattern).detail(
            format!("请求头 {name} 只能含可见的 ASCII 字符"),
            format!("the header {name} may hold visible ASCII characters only"),
        ))
    })
}

/// The type of a body that is not compressed, in lower case and without its parameters.
pub(crate) fn media_type(request: &HttpRequest) -> Result<String, Failure> {
    let content_type = one(request, "Content-Type")?.and_then(|it| it.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let encoding = all(request, "Content-Encoding")?.unwrap_or_default();
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return Ok(essence);
    }
    let problem = Problem::from(ProblemKind::UnsupportedMediaType).detail(
        "请求体不得压缩：去掉 Content-Encoding",
        "the body must not be compressed: send it without Content-Encoding",
    );
    Err(Failure::from(problem).header(ACCEPT_ENCODING, "identity"))
}

/// The refusal of a body that is of none of these types.
pub(crate) fn unsupported(types: &[&str]) -> Failure {
    let fault = Fault::new("Content-Type", Rule::NotAllowed).allowed(types.iter().copied());
    Failure::from(Problem::from(ProblemKind::UnsupportedMediaType).fault(fault)).header(ACCEPT, types.join(", "))
}

/// A header that cannot be read.
pub(crate) fn malformed(fault: Fault) -> Problem {
    Problem::from(ProblemKind::Malformed).fault(fault)
}
