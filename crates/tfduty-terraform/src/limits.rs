//! How large what is read may be: beyond these limits an input is refused, a part of it left out, or a value unknown, and
//! each says so. None of them is near what Terraform writes for real stacks.

/// Bytes of a document: places in it have 32 bits.
pub const DOCUMENT_BYTES: u64 = u32::MAX as u64;

/// Members of a saved plan.
pub(crate) const PLAN_MEMBERS: usize = 100_000;

/// Bytes that one member of a saved plan may unpack to.
pub(crate) const PLAN_MEMBER_BYTES: u64 = 64 << 20;

/// Bytes that all members of a saved plan that are read may unpack to.
pub(crate) const PLAN_BYTES: u64 = 256 << 20;

/// Bytes of a file of the configuration. To parse one takes a fifth of a second a mebibyte.
pub const SOURCE_FILE_BYTES: u64 = 16 << 20;

/// Calls of modules within calls that are followed. Terraform has no limit of its own, but a module cannot call itself.
pub(crate) const DEEPEST_CALL: usize = 32;

/// Modules that are read: a bound for configurations that call one folder from many.
pub(crate) const MOST_MODULES: usize = 10_000;

/// Expressions within expressions, locals and arguments that they lead to included.
pub(crate) const DEEPEST_EXPRESSION: usize = 64;

/// Expressions evaluated for one question.
pub(crate) const MOST_STEPS: usize = 100_000;

/// Bytes of one string that an expression makes.
pub(crate) const LONGEST_STRING: usize = 1 << 20;

/// Bytes of all strings and values that are made for one question, copies included.
pub(crate) const EVALUATED_BYTES: usize = 16 << 20;
