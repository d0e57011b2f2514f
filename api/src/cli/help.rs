//! The help of the command line in Chinese, and what help says that only the program knows: the scopes.
//!
//! The English stands beside the arguments themselves; the suite of this module keeps the two complete.

use super::language::Language;
use clap::{Arg, ArgAction, Command};
use lvcai_auth::Scope;

/// What a command does, by its path.
const COMMANDS: &[(&str, &str)] = &[
    ("lvcai", "绿色建材登记库（绿材）"),
    ("lvcai serve", "启动登记库；设置来自环境变量，见 lvcai config"),
    ("lvcai demo", "启动带演示数据的登记库，首次启动时生成数据；设置来自环境变量，见 lvcai config"),
    ("lvcai import", "导入城市公布的名单（xlsx、xls 或 csv）；列出和撤回导入"),
    ("lvcai import list", "列出历次导入，最近的在前"),
    ("lvcai import undo", "撤回一次导入：撤销其登记、且此后无人以其为据的记录"),
    ("lvcai verify", "离线验证已签名的名单文件"),
    ("lvcai client", "客户端：登记、换密钥、吊销、列出"),
    ("lvcai client add", "为组织登记客户端，输出其标识"),
    ("lvcai client rotate", "更换客户端的公钥；已发令牌十分钟内失效"),
    ("lvcai client revoke", "吊销客户端；其令牌立即失效"),
    ("lvcai client list", "列出客户端"),
    ("lvcai client assertion", "输出已签名的断言（client assertion），一分钟内向 /oauth/token 换取令牌"),
    ("lvcai organisation", "登记组织、授予和收回角色"),
    ("lvcai organisation add", "登记组织并输出其标识；已有同名组织时输出其标识"),
    ("lvcai organisation roles", "授予或收回组织的角色"),
    ("lvcai certification-body", "从文件登记认证机构、更名、补充别名"),
    ("lvcai certification-body import", "按表格（xlsx 或 csv）登记、更名和变更认证机构；每行各自办理"),
    ("lvcai accredit", "登记认证机构的批准范围"),
    ("lvcai audit", "按摘要、叶哈希和签名核查数据库或备份，逐行指出不符之处"),
    ("lvcai backup", "将数据库复制到文件，不影响服务"),
    ("lvcai restore", "将备份恢复到空的位置"),
    ("lvcai resume", "写入因时钟可疑或数据库落后于已签名位置而暂停后，恢复写入"),
    ("lvcai clock", "写入已到期的事项：证书到期、进入续期窗口；serve 会自行办理"),
    ("lvcai keys", "生成密钥目录中缺少的私钥；登记库文件不存在时一并新建"),
    ("lvcai openapi", "输出 OpenAPI 文档"),
    ("lvcai config", "输出当前设置"),
];

/// What an argument says, by the path of its command.
const ARGUMENTS: &[(&str, &str, &str)] = &[
    ("lvcai openapi", "older", "以 OpenAPI 3.0.3 的 JSON 输出"),
    ("lvcai import", "file", "名单文件，xlsx、xls 或 csv，按内容识别"),
    ("lvcai import", "authority", "为名单担保的主管部门：标识或准确名称"),
    ("lvcai import", "document", "导入所依据的文号"),
    ("lvcai import", "dry_run", "只判断并报告，不写入"),
    ("lvcai import undo", "import", "导入编号，见 lvcai import list"),
    ("lvcai import undo", "authority", "撤回导入的主管部门：标识或准确名称；不写则为该次导入的主管部门"),
    ("lvcai import undo", "reason", "撤回的原因"),
    ("lvcai import undo", "document", "撤回所依据的文号"),
    ("lvcai import undo", "dry_run", "只判断并报告，不写入"),
    ("lvcai import undo", "report", "将每条记录的结果写入此 csv 文件"),
    ("lvcai import", "kind", "未写明种类的行所用的种类：名称或代码"),
    ("lvcai import", "certification_body", "未写明机构的行所用的认证机构：名称或批准号"),
    ("lvcai import", "scheme", "所有行的认证制度：star_certification、green_product 或 legacy_label；不写则由种类决定"),
    ("lvcai import", "star", "未写明星级的行所用的星级：1、2 或 3"),
    ("lvcai import", "report", "将每行的结果写入此 csv 文件"),
    ("lvcai import", "all", "输出每行的结果，不限于被拒绝的行"),
    ("lvcai verify", "file", "名单文件，即 …/publications/{n}/document 的答复"),
    ("lvcai verify", "jwks", "公钥：登记库 /.well-known/jwks.json 的副本"),
    ("lvcai client add", "organisation", "组织：标识，或认证机构批准号"),
    ("lvcai client add", "organisation_name", "组织的准确名称；加上 --role 时，没有该组织则新登记"),
    ("lvcai client add", "role", "新登记组织的角色"),
    ("lvcai client add", "holder", "保管密钥的人员或处室，以不公开姓名的代号表示：审批须由两名持有人完成"),
    ("lvcai client add", "scopes", "权限，以空格分隔"),
    ("lvcai client add", "dpop", "只发放与密钥绑定的令牌（DPoP，RFC 9449）"),
    ("lvcai client add", "jwks", "客户端公钥文件（JWKS）"),
    ("lvcai client add", "generate", "在此目录生成密钥对：CLIENT.pem 和 CLIENT.jwks.json"),
    ("lvcai client rotate", "client", "客户端"),
    ("lvcai client rotate", "jwks", "客户端公钥文件（JWKS）"),
    ("lvcai client rotate", "generate", "在此目录生成密钥对：CLIENT.pem 和 CLIENT.jwks.json"),
    ("lvcai client revoke", "client", "客户端"),
    ("lvcai client assertion", "client", "客户端"),
    ("lvcai client assertion", "key", "私钥文件：P-256、Ed25519 或 RSA；PEM（PKCS#8、SEC1、PKCS#1）或 JWK，不加密"),
    ("lvcai client assertion", "audience", "登记库的签发者地址；默认取自设置"),
    ("lvcai organisation add", "name", "准确名称"),
    ("lvcai organisation add", "role", "角色"),
    ("lvcai organisation add", "uscc", "统一社会信用代码"),
    ("lvcai organisation roles", "organisation", "组织"),
    ("lvcai organisation roles", "give", "授予的角色"),
    ("lvcai organisation roles", "take", "收回的角色"),
    ("lvcai certification-body import", "file", "认证机构表格，xlsx 或 csv，按内容识别"),
    ("lvcai certification-body import", "authority", "作此登记的主管部门：标识或准确名称"),
    ("lvcai certification-body import", "source", "未写明来源的行所用的来源"),
    ("lvcai certification-body import", "dry_run", "只判断并报告，不写入"),
    ("lvcai certification-body import", "report", "将每行的结果写入此 csv 文件"),
    ("lvcai accredit", "body", "认证机构批准号"),
    ("lvcai accredit", "scopes", "认证制度；不是全部种类时在 = 后列出种类：star_certification=gbm-09,gbm-10"),
    ("lvcai accredit", "from", "批准的首日"),
    ("lvcai accredit", "until", "批准的末日"),
    ("lvcai accredit", "source", "依据"),
    ("lvcai accredit", "verified", "已与批准部门的公告核对"),
    ("lvcai audit", "database", "备份的地址，如 sqlite:backup.db；默认为当前登记库"),
    ("lvcai audit", "jwks", "名单文件的公钥（JWKS）；默认取自密钥目录"),
    ("lvcai backup", "file", "备份文件，不得已存在"),
    ("lvcai restore", "file", "lvcai backup 写出的文件"),
    ("lvcai restore", "verify", "核查恢复的内容，有不符之处则失败"),
    ("lvcai resume", "reason", "查明的情况和查明人；签名后存于密钥目录"),
];

/// The columns that a table of certification bodies needs.
const BODY_COLUMNS: (&str, &str) = (
    "必需的列：批准号、机构名称。可有：曾用名、更名日期、简称、统一社会信用代码、来源、已核实（是）、备注；\
     一格中的多个名称用顿号分隔。表格只补充名称，不删除已登记的名称。",
    "Columns that are needed: 批准号 (approval number) and 机构名称 (name). 曾用名 (former names), 更名日期 (first day of the \
     name), 简称 (aliases), 统一社会信用代码, 来源 (source), 已核实 (verified: 是) and 备注 may be there. Names in one cell are \
     separated by 、. A table adds names and takes none away.",
);

/// The columns that a list needs, below the help of `import`.
const COLUMNS: (&str, &str) = (
    "必需的列：企业名称、产品名称、证书编号、有效期至、产品类别（种类的准确名称或代码）、认证机构（现用名、曾用名、别名或批准号）；\
     认证等级（星级认证必需）。后三列缺少时，可用 --kind、--certification-body、--star 为整个文件指定。\
     可有：统一社会信用代码、规格型号、发证日期。",
    "Columns that are needed: 企业名称 (enterprise), 产品名称 (product), 证书编号 (certificate number), 有效期至 \
     (last day), 产品类别 (kind, by its exact name or code), 认证机构 (certification body, by a name it has or had, an \
     alias or its approval number), and 认证等级 (star) for star certification; the last three may be given for the whole \
     file with --kind, --certification-body and --star. 统一社会信用代码 (credit code), 规格型号 (models) and 发证日期 (day of issue) may be there.",
);

/// The command with its help in a language.
pub(super) fn in_language(command: Command, language: Language) -> Command {
    let command = with_lists(command, language);
    if language.chinese { chinese(command, "lvcai") } else { command }
}

/// Adds what there is to choose from.
fn with_lists(command: Command, language: Language) -> Command {
    let scopes = Scope::ALL.iter().map(|it| format!("  {:<24}{}", it.wire(), language.of(it.zh(), it.en())));
    let scopes = format!("{}\n{}", language.of("权限：", "Scopes:"), scopes.collect::<Vec<_>>().join("\n"));
    command
        .mut_subcommand("client", |client| client.mut_subcommand("add", |add| add.after_help(scopes)))
        .mut_subcommand("certification-body", |bodies| {
            bodies.mut_subcommand("import", |it| it.after_help(language.of(BODY_COLUMNS.0, BODY_COLUMNS.1).to_owned()))
        })
        .mut_subcommand("import", |import| import.after_help(language.of(COLUMNS.0, COLUMNS.1).to_owned()))
}

/// Puts every text of a command and of those beneath it into Chinese.
fn chinese(command: Command, path: &str) -> Command {
    let names: Vec<_> = command.get_subcommands().map(|it| it.get_name().to_owned()).collect();
    let is_root = names.iter().any(|it| it == "serve");
    let about = COMMANDS.iter().find(|(it, _)| *it == path).map(|(_, about)| *about);
    let mut command = command
        .about(about)
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .mut_args(|arg| {
            let id = arg.get_id().to_string();
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            let said = ARGUMENTS.iter().find(|(it, name, _)| *it == path && *name == id);
            said.map_or_else(|| arg.clone(), |(.., said)| arg.clone().help(*said)).help_heading(heading)
        })
        .arg(flag("help", 'h', "显示帮助").action(ArgAction::Help));
    if is_root {
        command = command.disable_version_flag(true).arg(flag("version", 'V', "显示版本").action(ArgAction::Version));
    }
    for name in names {
        let path = format!("{path} {name}");
        command = command.mut_subcommand(name, |it| chinese(it, &path));
    }
    command
}

fn flag(name: &'static str, short: char, help: &'static str) -> Arg {
    Arg::new(name).long(name).short(short).help(help).help_heading("选项")
}
