//! Finds the list that a message is.

use super::list::List;
use super::lists::LISTS;
use super::shape::Items;
use super::signature::Opening;
use crate::wire::message::Message;

impl List {
    /// The list that a message is, if it is a known one.
    pub fn of(message: &Message<'_>) -> Option<&'static List> {
        List::candidates(message).find(|list| !list.items(message).each(drop).mismatch())
    }

    /// The lists that a message may be by its layout and signature. It is the first of them without a mismatch.
    pub(crate) fn candidates(message: &Message<'_>) -> impl Iterator<Item = &'static List> {
        let opening = Opening::of(message);
        LISTS.iter().copied().filter(move |list| {
            opening
                .as_ref()
                .is_some_and(|opening| list.shape.fits(opening) && list.signature.matches(opening))
        })
    }

    /// The values of a message of this list.
    pub fn items<'a>(&self, message: &Message<'a>) -> Items<'a> {
        self.shape.items(message)
    }
}
