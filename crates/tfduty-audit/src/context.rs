//! What a rule works with.

/// The estate, and where a rule leaves its verdicts.
pub struct Context<'a> {
    estate: std::marker::PhantomData<&'a ()>,
}
