//! What each kind of problem means at more length, and an example of one: the text of its page.
//!
//! It stands beside the catalogue and not within it, so that the catalogue stays a table that can be surveyed.

use crate::problem::{Fault, Problem, ProblemKind};
use crate::rule::Rule;

/// Makes the functions from the table. A kind that is missing here does not compile.
macro_rules! explained {
    ($($Kind:ident $zh:literal $en:literal $example:expr;)+) => {
        impl ProblemKind {
            /// When it occurs and what it leaves behind, in Chinese.
            pub const fn meaning_zh(self) -> &'static str {
                match self {
                    $(Self::$Kind => $zh,)+
                }
            }

            /// When it occurs and what it leaves behind, in English.
            pub const fn meaning_en(self) -> &'static str {
                match self {
                    $(Self::$Kind => $en,)+
                }
            }

            /// One as a request may meet it.
            #[must_use]
            pub fn example(self) -> Problem {
                let example: fn(Problem) -> Problem = match self {
                    $(Self::$Kind => $example,)+
                };
                example(self.into())
            }
        }
    };
}

explained! {
    Malformed
        "请求体不是合法的 JSON，或请求行、请求头不符合 HTTP 语法。服务器尚未读取其内容，登记库没有变化。"
        "The body is no valid JSON, or the request line or a header is not HTTP. The content was not looked at and nothing has changed."
        |it| it.fault(Fault::new("", Rule::MalformedJson).detail("第 3 行第 17 列：应为 , 或 }", "line 3, column 17: `,` or `}` is expected"));
    UnknownParameter
        "查询参数的名称不在该接口的参数之列，或其值无法使用。登记库不忽略任何参数：拼错的筛选条件若被忽略，会得到看似正确的结果。"
        "A query parameter is not one of the operation, or its value cannot be used. No parameter is ignored: a misspelt filter that was ignored would give an answer that only looks right."
        |it| it.fault(Fault::new("knid", Rule::UnknownField).allowed(["q", "kind", "enterprise", "limit", "cursor", "as_of"]));
    BadCursor
        "游标已被改动，或与另一组筛选条件、另一截面、另一权限的令牌一起使用。游标只对产生它的列表有效。"
        "The cursor was altered, or is used with other filters, another cut or the token of another viewer. It is good only for the list that gave it."
        |it| it;
    Unauthenticated
        "写操作及不公开的读取需要令牌；令牌有效期为 10 分钟，客户端被吊销后其令牌立即失效。答复带有 WWW-Authenticate: Bearer。"
        "Writes, and reads of what is not public, need a token. It holds for ten minutes, and ends at once when its client is revoked. The answer carries `WWW-Authenticate: Bearer`."
        |it| it.detail("令牌已过期", "the token has expired");
    Forbidden
        "令牌有效，但缺少该操作所需的权限，或该记录属于另一组织。此类拒绝会保存两年，供本组织和审计查阅。"
        "The token is valid, but lacks the scope of the operation, or the record is another organisation's. Such refusals are kept for two years, for the organisation and the auditor to read."
        |it| it.detail("令牌缺少权限 certificates:push", "the token lacks the scope certificates:push");
    NotAccredited
        "认证机构只能在其批准的认证方案、产品种类和有效期内报送证书。批准范围由主管部门登记，可从该机构的资源中读取。"
        "A certification body pushes certificates only within the schemes, the kinds and the period of its approval. The authority records them, and the resource of the body shows them."
        |it| it.detail("尚未登记该机构的批准范围", "no accreditation of the body is recorded");
    SecondHolder
        "公告由两人办理：起草人不能批准自己起草的公告，即使其客户端具有批准权限；同一持有人的两个客户端视为一人。"
        "A publication takes two people: who drafted it does not approve it, whatever the client's scopes are. Two clients of one holder count as one person."
        |it| it;
    NotFound
        "该地址没有资源，或有而您的令牌无权查看。两者的答复相同，因此不能借此探知不公开的记录。"
        "There is nothing at this address, or something that your token may not see. Both are answered alike, so that nobody can probe for what is not public."
        |it| it.detail("编号中的 / 须写作 %2F", "a / within a number is written %2F");
    MethodNotAllowed
        "该地址存在，但不支持此 HTTP 方法；登记库没有 DELETE，因为任何记录都不会删除。"
        "The address exists and does not take this method. There is no DELETE anywhere, since nothing is ever deleted."
        |it| it;
    IllegalStep
        "记录的当前状态不允许该步骤：例如撤销后的证书不能恢复。errors 中的 allowed 列出此时允许的步骤；为空则当前状态为终止状态。"
        "The record's present state does not permit the step: a withdrawn certificate cannot be restored, for instance. `allowed` names what is possible now; where it is empty, the state is final."
        |it| it
            .detail(
                "状态 03 为终止状态；重新认证须使用新的证书编号，误报须作勘误（correction）",
                "status 03 is final; a new application gives a new certificate, a mistake takes a `correction`",
            )
            .fault(Fault::new("/reported_status", Rule::NotAllowed));
    LikelyDouble
        "已有名称相同（不计写法差别）或代码相同的组织。登记两次会使其产品和证书分散在两处，因此须明确说明确为另一组织。"
        "An organisation of the same name, whatever its spelling, or of the same code is registered. Registered twice, its products and certificates would be scattered, so that it is another one has to be said."
        |it| it.fault(Fault::new("/name", Rule::Duplicate).allowed(["org_01900000-0000-7000-8000-000000000001"]));
    Conflict
        "请求与已有记录不能并存：例如清单标识已被使用，或同一编号已以另一写法登记。detail 指出是哪一条记录。"
        "The request cannot stand beside a record that exists: the id of a list is taken, or a number is registered in another spelling. `detail` says which record it is."
        |it| it.detail("清单 green-building-materials 已存在", "the list green-building-materials exists already");
    NotEligible
        "公告只能包含截至当日有有效证据的产品。errors 逐一指出不符合条件的产品。"
        "A publication holds only products with evidence that is in force on the day. `errors` points at each that does not qualify."
        |it| it.fault(Fault::new("/products/0", Rule::NotAllowed).detail("没有有效证据", "it has no evidence in force"));
    IdempotencyReuse
        "同一客户端在 14 天内已用此幂等键发送过另一请求。不执行任何操作，因为无法判断所要的是哪一个。"
        "The client has used this key with another request within 14 days. Nothing is done, since which of them is meant would be a guess."
        |it| it;
    NotAcceptable
        "Accept 只列出了该接口不提供的类型。请求未办理。问题文档不受 Accept 影响。"
        "`Accept` names only types that the operation does not answer in. Nothing was done. Problem documents are sent whatever `Accept` says."
        |it| it.fault(Fault::new("Accept", Rule::NotAllowed).allowed(["application/json"]));
    PreconditionFailed
        "资源已不是 If-Match 所指的版本，或尚不存在；或者 If-None-Match 要求新建，而资源已存在。这避免了覆盖他人在您读取之后所作的更改。"
        "The resource is no longer the one that `If-Match` names, or does not exist; or it exists where `If-None-Match` asks for a new one. It keeps you from overwriting what somebody changed after you read it."
        |it| it.detail("当前 ETag 为 \"5f2c…\"", "the ETag is \"5f2c…\" now");
    TooLarge
        "请求体超过上限：普通请求默认为 1 MiB（由运维设定），批量提交为 64 MiB。"
        "The body is above the limit: 1 MiB for an ordinary request, unless the operator has set another, and 64 MiB for a batch."
        |it| it;
    UnsupportedMediaType
        "请求体的 Content-Type 不是该接口接受的类型，或请求体经过压缩。答复的 Accept 头列出可接受的类型。"
        "The `Content-Type` is none that the operation takes, or the body is compressed. The answer's `Accept` header lists what it takes."
        |it| it.fault(Fault::new("Content-Type", Rule::NotAllowed).allowed(["application/json"]));
    Invalid
        "请求可以解析，但一个或多个值违反规则。errors 一次列出全部错误，各有 JSON Pointer、规则和改法；一项也没有写入。"
        "The request can be read, but values in it break rules. `errors` lists all of them at once, each with a JSON Pointer, the rule and the fix; nothing of it was written."
        |it| it.fault(Fault::new("/uscc", Rule::UsccCheckDigit)).fault(Fault::new("/valid_until", Rule::DateOrder));
    PreconditionRequired
        "更改资源须先读取，并以 If-Match 说明所依据的版本，以免覆盖他人的更改。"
        "To amend a resource, read it first and name the version that you go out from by `If-Match`, so that nobody's change is overwritten."
        |it| it;
    IdempotencyKeyRequired
        "该操作重复执行会产生不同结果。有了幂等键，网络中断后重发同一请求只会得到原答复。试运行（validate_only）不需要。"
        "The operation would do something else when it is repeated. With a key, a request that is sent again after a broken connection is answered as before and does nothing. A dry run (`validate_only`) does without."
        |it| it;
    TooSlow
        "请求体没有在时限内到达（默认 30 秒；上传按每段计算）。没有写入任何内容。"
        "The body did not arrive in time: 30 seconds unless set otherwise, and for uploads from piece to piece. Nothing was written."
        |it| it;
    TooManyRequests
        "该客户端（无令牌时为该地址）一分钟内的额度已用完；额度随时间均匀恢复，批量和检索的请求耗用较多。请求未被执行。"
        "The client, or without a token the address, has used its quota of a minute; it comes back evenly, and batches and searches take more of it. The request was not carried out."
        |it| it;
    Internal
        "登记库的缺陷或故障，与您的请求内容无关。已写入日志，可按 request_id 查找。"
        "A defect or a failure of the registry, and nothing that you did. It is in the log, where the `request_id` finds it."
        |it| it;
    OutcomeUnknown
        "写入途中与数据库的连接中断，尚不知是否已经提交。请勿用新的幂等键重发，否则可能办理两次。"
        "The connection to the database broke during the write, and whether it was committed is not known yet. Do not send it under a new key: it might be done twice."
        |it| it;
    WritesHalted
        "登记库发现时钟或账本与先前所见不符，在查明之前不再写入，以免写入错误的内容；查询照常。"
        "The registry has found its clock or its ledger other than it knew them, and writes nothing until that is explained. Reading goes on."
        |it| it.detail("时钟倒退了 3600 秒", "the clock has gone back by 3600 seconds");
    Busy
        "同时办理的请求过多，或数据库暂时不可用。请求未被执行。"
        "Too many requests are under way, or the database cannot be reached for the moment. The request was not carried out."
        |it| it;
}

#[cfg(test)]
mod tests {
    use super::ProblemKind;

    #[test]
    fn every_kind_is_explained_in_both_languages_with_an_example_of_its_own() {
        let is_chinese = |text: &str| text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it));
        for kind in ProblemKind::ALL.iter().copied() {
            assert!(is_chinese(kind.meaning_zh()) && kind.meaning_zh().ends_with('。'), "{kind}");
            assert!(!is_chinese(kind.meaning_en()) && kind.meaning_en().ends_with('.'), "{kind}");
            let example = kind.example();
            assert_eq!(example.kind, kind);
            let said = example.detail.iter().chain(example.faults.iter().filter_map(|it| it.detail.as_ref()));
            assert!(said.into_iter().all(|it| is_chinese(&it.zh) && !is_chinese(&it.en)), "{kind}");
        }
    }
}
