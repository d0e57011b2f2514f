//! What an audit may find wrong with a database: the closed catalogue of its findings.

crate::catalogue! {
    /// What is wrong with a row.
    pub enum Irregularity named by id
    Gap "gap"
        "账本缺少记录" "Entries of the ledger are missing."
    Head "head"
        "账本的末尾与记载不符" "The ledger does not end where its head says."
    Order "order"
        "记录时刻早于前一条" "The entry was recorded before the one that it follows."
    Cut "cut"
        "操作的末条标记不符" "The last entry of a command is not marked as such, or another one is."
    Leaf "leaf"
        "记录与其叶哈希不符" "The entry is not the one that its leaf was hashed from."
    Body "body"
        "内容与账本中的摘要不符" "The body is not the one whose digest is in the ledger."
    NoVersion "no-version"
        "账本记录没有对应的版本" "The entry has no version."
    NoEntry "no-entry"
        "版本没有对应的账本记录" "The version has no entry in the ledger."
    Chain "chain"
        "版本首尾不相接" "The versions of the subject do not follow each other."
    Column "column"
        "检索列与内容不符" "A column says something else than the body."
    Entries "entries"
        "名单条目与批准的不符" "The entries of the publication are not those that were approved."
    Document "document"
        "已签名的文件与发布的内容不符，或签名无效" "The signed document does not verify, or is not what was published."
    SearchText "search-text"
        "检索文本与产品不符" "The product is not searched by its own words."
    SignedHead "signed-head"
        "与密钥目录中已签名的位置不符" "It is not what was signed beside the keys."
}
