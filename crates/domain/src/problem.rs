//! Every way a request can fail: the closed catalogue behind the API's
//! RFC 9457 problem documents.
//!
//! Adding a failure means adding a row here; `/problems/{slug}` serves it as
//! documentation. How a problem travels over HTTP is `api`'s concern.

mod explained;

use crate::rule::Rule;
use serde::{Deserialize, Serialize};

/// A sentence in the registry's two languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bilingual {
    /// Simplified Chinese (zh-CN), the default.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// Says the same thing twice.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

crate::catalogue! {
    /// A kind of failure. Its name is the last segment of the problem's address, its text the title.
    pub enum ProblemKind named by slug, with {
        /// The status code it travels with (RFC 9110).
        status: u16,
        /// What the client should do, in Chinese.
        fix_zh: &'static str,
        /// What the client should do, in English.
        fix_en: &'static str,
    }

    Malformed "malformed" "请求无法解析" "The request cannot be parsed" 400
        "按 errors 所指位置修正语法后重发。" "Correct the syntax where `errors` points and send it again."
    UnknownParameter "unknown-parameter" "未知或无效的查询参数" "A query parameter is unknown or invalid" 400
        "删去或改正 errors 中列出的参数；接口文档列出全部参数。" "Remove or correct the parameters in `errors`; the document lists them all."
    BadCursor "bad-cursor" "分页游标无效" "The paging cursor is not valid" 400
        "原样使用上一页的 page.next，且筛选条件不变；否则从第一页重新开始。" "Use `page.next` unchanged with the same filters, or start again from the first page."
    Unauthenticated "unauthenticated" "需要有效的访问令牌" "A valid access token is required" 401
        "从 /oauth/token 取得新令牌。" "Get a new token from /oauth/token."
    Forbidden "forbidden" "令牌无权进行此操作" "The token does not allow this" 403
        "使用具有所列权限的客户端。" "Use a client with the scope named."
    NotAccredited "not-accredited" "认证机构不在批准的范围或有效期内" "The certification body is not accredited for this" 403
        "核对机构批准书的范围与有效期；变更后由主管部门登记。暂停、撤销、注销和提前的有效期至不受限制。" "Check the scope and validity of the body's approval; the authority records changes of it. Suspending, withdrawing, cancelling and an earlier last day remain possible."
    SecondHolder "second-holder-required" "须由另一持有人的客户端办理" "A client of another holder must do this" 403
        "起草与批准须由两名不同持有人完成。" "Drafting and approving take two different holders."
    NotFound "not-found" "没有此资源" "No such resource" 404
        "核对标识；您无权查看的资源同样答复为不存在。" "Check the identifier; what you may not see answers alike."
    MethodNotAllowed "method-not-allowed" "此地址不支持该方法" "The address does not support this method" 405
        "使用 Allow 头所列的方法。" "Use a method that the `Allow` header lists."
    IllegalStep "illegal-step" "当前状态不允许此步骤" "The present state does not allow this step" 409
        "errors 中的 allowed 列出允许的步骤。" "`allowed` in `errors` names the legal steps."
    LikelyDouble "likely-double" "可能与已有组织重复" "An organisation like this one exists already" 409
        "使用已有组织；若确非同一组织，在 distinct_from 中列出其标识后重发。" "Use the organisation named, or list its id in `distinct_from` to say that it is another one."
    Conflict "conflict" "与已有记录冲突" "It conflicts with a record that exists" 409
        "按 detail 所述处理。" "Do as `detail` says."
    NotEligible "not-eligible" "产品不符合发布条件" "A product does not qualify for publication" 409
        "移除 errors 所列产品，或先补足其证据。" "Leave out the products in `errors`, or complete their evidence first."
    IdempotencyReuse "idempotency-key-reused" "该幂等键已用于另一请求" "The idempotency key was used with another request" 422
        "为新的请求使用新的 Idempotency-Key。" "Use a new `Idempotency-Key` for a new request."
    NotAcceptable "not-acceptable" "没有所要求的格式" "There is no such form of the answer" 406
        "把 Accept 改为 errors 所列的类型之一，或不发送。" "Send one of the types in `errors` as `Accept`, or leave it out."
    PreconditionFailed "precondition-failed" "资源已被更改" "The resource has changed" 412
        "重新读取，核对后用新的 ETag 重发。" "Read it again, compare, and send the new ETag."
    TooLarge "too-large" "请求体过大" "The request body is too large" 413
        "按文档所列上限拆分请求。" "Split the request; the document states the limit."
    UnsupportedMediaType "unsupported-media-type" "不支持的内容类型" "The content type is not supported" 415
        "使用文档所列的 Content-Type。" "Use a `Content-Type` that the document lists."
    Invalid "invalid" "请求内容不符合规则" "The request breaks a rule" 422
        "按 errors 逐项修正；每项指出字段、规则与改法。" "Correct each of `errors`: it names the field, the rule and the fix."
    PreconditionRequired "precondition-required" "缺少 If-Match" "`If-Match` is required" 428
        "先读取资源，再以其 ETag 作为 If-Match。" "Read the resource and send its ETag as `If-Match`."
    IdempotencyKeyRequired "idempotency-key-required" "缺少 Idempotency-Key" "`Idempotency-Key` is required" 428
        "为每个操作生成一个新的 UUID 作为 Idempotency-Key。" "Send a fresh UUID as `Idempotency-Key`."
    TooSlow "too-slow" "请求超时" "The request took too long to arrive" 408
        "检查网络后重发。" "Check the connection and send it again."
    TooManyRequests "too-many-requests" "请求过于频繁" "There are too many requests" 429
        "按 Retry-After 所示秒数后重试；RateLimit 头说明剩余额度。" "Try again after `Retry-After` seconds; `RateLimit` tells what is left."
    Internal "internal" "服务器内部错误" "Something went wrong on our side" 500
        "稍后重试；如仍失败，请附 request_id 报告。" "Try again later; if it persists, report the `request_id`."
    OutcomeUnknown "outcome-unknown" "是否已办理尚不可知" "Whether it was done is not known yet" 503
        "稍后以同一 Idempotency-Key 重发同一请求：已办理的将得到原答复。" "Send the same request again later under the same `Idempotency-Key`: what was done is answered as it was."
    WritesHalted "writes-halted" "登记库暂停写入" "The registry takes no writes at present" 503
        "查询不受影响；待运维人员查明并恢复（lvcai resume）后，以同一 Idempotency-Key 重发。" "Reading goes on; send it again under the same `Idempotency-Key` once the operator has found out and resumed (`lvcai resume`)."
    Busy "busy" "服务暂时繁忙" "The registry is busy" 503
        "按 Retry-After 所示秒数后重试。" "Try again after `Retry-After` seconds."
}

/// One field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// A JSON Pointer (RFC 6901) into the body, or the name of a parameter.
    pub pointer: String,
    /// The rule that is broken.
    pub rule: Rule,
    /// What is wrong in particular, where the rule's own text is not enough.
    pub detail: Option<Bilingual>,
    /// What to do about it in particular, where the rule's own remedy is not enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Box<Bilingual>>,
    /// The values that would have been accepted, where they can be listed.
    pub allowed: Vec<String>,
}

impl Fault {
    /// Says that the value at `pointer` breaks `rule`.
    pub fn new(pointer: impl Into<String>, rule: Rule) -> Self {
        Self { pointer: pointer.into(), rule, detail: None, fix: None, allowed: Vec::new() }
    }

    /// Says what is wrong in particular.
    #[must_use]
    pub fn detail(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Bilingual::new(zh, en));
        self
    }

    /// Says what to do about it in particular.
    #[must_use]
    pub fn fix(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.fix = Some(Box::new(Bilingual::new(zh, en)));
        self
    }

    /// Lists what would have been accepted.
    #[must_use]
    pub fn allowed(mut self, allowed: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        self
    }
}

/// A failure of one request: a kind from the catalogue and what is particular.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Which of the catalogue.
    pub kind: ProblemKind,
    /// What was wrong with this request in particular.
    pub detail: Option<Bilingual>,
    /// The fields at fault.
    pub faults: Vec<Fault>,
}

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self { kind, detail: None, faults: Vec::new() }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::from(vec![fault])
    }
}

impl From<Vec<Fault>> for Problem {
    fn from(faults: Vec<Fault>) -> Self {
        Self { faults, ..ProblemKind::Invalid.into() }
    }
}

impl Problem {
    /// Says what was wrong with this request in particular.
    #[must_use]
    pub fn detail(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Bilingual::new(zh, en));
        self
    }

    /// Points at a field at fault.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.kind.en())?;
        if let Some(detail) = &self.detail {
            write!(f, ": {}", detail.en)?;
        }
        for fault in &self.faults {
            write!(f, "\n  {} breaks {}", fault.pointer, fault.rule)?;
            if let Some(detail) = &fault.detail {
                write!(f, ": {}", detail.en)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::ProblemKind;
    use std::collections::HashSet;

    #[test]
    fn every_slug_names_one_problem() {
        let slugs: HashSet<_> = ProblemKind::ALL.iter().map(|it| it.slug()).collect();

        assert_eq!(slugs.len(), ProblemKind::ALL.len());
    }
}
