//! A profile's lists: which there are, their names, places and views, and what is followed on which.

use super::{EditError, Profile, WATCHLISTS_MAX};
use crate::{
    ListView, Symbol, Watchlist,
    watchlist::{WATCHLIST_NAME_MAX, WATCHLIST_SYMBOLS_MAX},
};

impl Profile {
    /// The list of that name.
    pub fn watchlist(&self, name: &str) -> Result<&Watchlist, EditError> {
        self.watchlists.iter().find(|l| l.name == name).ok_or_else(|| EditError::NoList(name.into()))
    }

    pub(crate) fn watchlist_mut(&mut self, name: &str) -> Result<&mut Watchlist, EditError> {
        self.watchlists.iter_mut().find(|l| l.name == name).ok_or_else(|| EditError::NoList(name.into()))
    }

    /// Puts a whole list in place of the one of its name, or at the end; says whether it is new. A list that says not
    /// how it is looked at is looked at as before.
    pub(crate) fn put_watchlist(&mut self, list: Watchlist) -> Result<bool, EditError> {
        check_list_name(&list.name)?;
        let mut list = Watchlist::new(list.name, list.symbols).with_view(list.view);
        if list.symbols.len() > WATCHLIST_SYMBOLS_MAX {
            return Err(EditError::ListFull);
        }
        if let Some(present) = self.watchlists.iter_mut().find(|l| l.name == list.name) {
            list.view = list.view.or_else(|| present.view.take());
            *present = list;
            return Ok(false);
        }
        if self.watchlists.len() == WATCHLISTS_MAX {
            return Err(EditError::TooManyLists);
        }
        self.watchlists.push(list);
        Ok(true)
    }

    /// Removes a list. The last one stays.
    pub(super) fn remove_watchlist(&mut self, name: &str) -> Result<(), EditError> {
        self.watchlist(name)?;
        if self.watchlists.len() == 1 {
            return Err(EditError::LastList);
        }
        self.watchlists.retain(|l| l.name != name);
        Ok(())
    }

    /// Follows a symbol on a list; says whether it is new there.
    pub(super) fn follow(&mut self, list: &str, symbol: Symbol) -> Result<bool, EditError> {
        let list = self.watchlist_mut(list)?;
        if list.symbols.len() == WATCHLIST_SYMBOLS_MAX && !list.symbols.contains(&symbol) {
            return Err(EditError::ListFull);
        }
        Ok(list.follow(symbol))
    }

    /// Takes a symbol off a list; says whether it was there.
    pub(super) fn unfollow(&mut self, list: &str, symbol: &Symbol) -> Result<bool, EditError> {
        Ok(self.watchlist_mut(list)?.unfollow(symbol))
    }

    /// Gives a list another name in its place; says whether it had another one.
    pub(super) fn rename_watchlist(&mut self, from: &str, to: String) -> Result<bool, EditError> {
        self.watchlist(from)?;
        if from == to {
            return Ok(false);
        }
        check_list_name(&to)?;
        if self.watchlist(&to).is_ok() {
            return Err(EditError::ListTaken(to));
        }
        self.watchlist_mut(from)?.name = to;
        Ok(true)
    }

    /// Puts a list in another place; says whether it was elsewhere.
    pub(super) fn move_watchlist(&mut self, name: &str, to: usize) -> Result<bool, EditError> {
        let at = self.place_of(name)?;
        let to = to.min(self.watchlists.len() - 1);
        let list = self.watchlists.remove(at);
        self.watchlists.insert(to, list);
        Ok(at != to)
    }

    /// Takes a symbol off one list and follows it on another; says whether anything changed. One that is on the other
    /// list already keeps its place there, unless one is asked for.
    pub(super) fn move_symbol(
        &mut self,
        from: &str,
        to: &str,
        symbol: &Symbol,
        at: Option<usize>,
    ) -> Result<bool, EditError> {
        let target = self.watchlist(to)?;
        let new_there = !target.symbols.contains(symbol);
        if !self.watchlist(from)?.symbols.contains(symbol) {
            return Err(EditError::NotListed { symbol: symbol.clone(), list: from.into() });
        }
        if new_there && target.symbols.len() == WATCHLIST_SYMBOLS_MAX {
            return Err(EditError::ListFull);
        }
        let before = self.watchlist(to)?.symbols.clone();
        if from != to {
            self.watchlist_mut(from)?.unfollow(symbol);
        }
        self.watchlist_mut(to)?.place(symbol, at);
        Ok(from != to || self.watchlist(to)?.symbols != before)
    }

    /// Says how a list is looked at; whether that is news.
    pub(super) fn set_view(&mut self, name: &str, view: ListView) -> Result<bool, EditError> {
        let list = self.watchlist_mut(name)?;
        let before = list.view.take();
        list.view = Some(view.tidy());
        Ok(list.view != before)
    }

    fn place_of(&self, name: &str) -> Result<usize, EditError> {
        self.watchlists.iter().position(|list| list.name == name).ok_or_else(|| EditError::NoList(name.into()))
    }
}

impl Watchlist {
    /// Follows a symbol at a place, or at the end where none is said and it is not there yet.
    fn place(&mut self, symbol: &Symbol, at: Option<usize>) {
        if let Some(at) = at {
            self.unfollow(symbol);
            self.symbols.insert(at.min(self.symbols.len()), symbol.clone());
        } else {
            self.follow(symbol.clone());
        }
    }
}

/// Whether a list can be called that.
pub(crate) fn check_list_name(name: &str) -> Result<(), EditError> {
    let length = name.chars().count();
    let fits = (1..=WATCHLIST_NAME_MAX).contains(&length)
        && name.trim() == name
        && !name.chars().any(|c| c.is_control() || c == '/');
    if fits { Ok(()) } else { Err(EditError::ListName) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::{Edit, Edited, ListSort, UserName, watchlist::Column};

    fn symbols(text: &str) -> Vec<Symbol> {
        text.split_whitespace().map(|each| Symbol::parse(each).unwrap()).collect()
    }

    fn two_lists() -> Profile {
        let mut profile = Profile::new(UserName::me());
        profile.watchlists = vec![Watchlist::new("one", symbols("A B C")), Watchlist::new("two", symbols("C D"))];
        profile
    }

    fn names(profile: &Profile) -> Vec<&str> {
        profile.watchlists.iter().map(|list| list.name.as_str()).collect()
    }

    #[test]
    fn a_renamed_list_keeps_its_place_symbols_and_view() {
        let mut profile = two_lists();
        let view = ListView { sort: ListSort::Change, ..ListView::default() };
        profile.set_view("one", view.clone()).unwrap();
        assert_eq!(profile.rename_watchlist("one", "first".into()), Ok(true));
        assert_eq!(names(&profile), ["first", "two"]);
        assert_eq!(profile.watchlists[0], Watchlist::new("first", symbols("A B C")).with_view(Some(view)));
        assert_eq!(profile.rename_watchlist("first", "two".into()), Err(EditError::ListTaken("two".into())));
        assert_eq!(profile.rename_watchlist("first", "a/b".into()), Err(EditError::ListName));
        assert_eq!(profile.rename_watchlist("one", "one".into()), Err(EditError::NoList("one".into())));
        assert_eq!(profile.rename_watchlist("two", "two".into()), Ok(false));
    }

    #[test]
    fn lists_change_places() {
        let mut profile = two_lists();
        profile.watchlists.push(Watchlist::new("three", []));
        assert_eq!(profile.move_watchlist("one", 1), Ok(true));
        assert_eq!(names(&profile), ["two", "one", "three"]);
        assert_eq!(profile.move_watchlist("two", usize::MAX), Ok(true));
        assert_eq!(names(&profile), ["one", "three", "two"]);
        assert_eq!(profile.move_watchlist("two", 7), Ok(false));
        assert_eq!(profile.move_watchlist("four", 0), Err(EditError::NoList("four".into())));
    }

    #[test]
    fn a_symbol_goes_from_one_list_to_another_and_back() {
        let mut profile = two_lists();
        let [a, c] = [symbols("A").remove(0), symbols("C").remove(0)];
        assert_eq!(profile.move_symbol("one", "two", &a, None), Ok(true));
        assert_eq!(profile.watchlists[1].symbols, symbols("C D A"));
        assert_eq!(profile.move_symbol("two", "one", &a, Some(0)), Ok(true));
        assert_eq!(profile.watchlists, two_lists().watchlists);
        assert_eq!(profile.move_symbol("one", "two", &c, None), Ok(true), "it was there already");
        assert_eq!(profile.watchlists[1].symbols, symbols("C D"));
        let missing = EditError::NotListed { symbol: c.clone(), list: "one".into() };
        assert_eq!(profile.move_symbol("one", "two", &c, None), Err(missing));
        assert_eq!(profile.move_symbol("two", "two", &c, Some(9)), Ok(true));
        assert_eq!(profile.watchlists[1].symbols, symbols("D C"));
        assert_eq!(profile.move_symbol("two", "two", &c, None), Ok(false));
    }

    #[test]
    fn a_full_list_takes_no_more() {
        let mut profile = two_lists();
        let many = (0..WATCHLIST_SYMBOLS_MAX).map(|n| Symbol::parse(&format!("S{n}")).unwrap());
        profile.put_watchlist(Watchlist::new("two", many)).unwrap();
        let before = profile.clone();
        assert_eq!(profile.move_symbol("one", "two", &symbols("A")[0], None), Err(EditError::ListFull));
        assert_eq!(profile, before);
    }

    #[test]
    fn a_list_without_a_view_is_looked_at_as_before() {
        let mut profile = two_lists();
        let columns = vec![Column::Price, Column::Volume, Column::Price];
        let edit = Edit::SetView { name: "one".into(), view: ListView { columns, ..ListView::default() } };
        assert_eq!(profile.apply(edit.clone()), Ok(Edited::Changed));
        assert_eq!(profile.apply(edit), Ok(Edited::Unchanged));
        profile.apply(Edit::PutWatchlist { list: Watchlist::new("one", []) }).unwrap();
        let kept = profile.watchlists[0].view.clone().unwrap();
        assert_eq!(kept.columns, [Column::Price, Column::Volume], "each once");
        let plain = serde_json::to_string(&profile.watchlists[1]).unwrap();
        assert_eq!(plain, r#"{"name":"two","symbols":["C","D"]}"#);
        assert_eq!(serde_json::from_str::<Watchlist>(&plain).unwrap(), profile.watchlists[1]);
    }

    proptest! {
        /// Whatever is moved where, nothing is lost, nothing is twice on a list.
        #[test]
        fn moving_loses_nothing(moves in prop::collection::vec((0usize..3, 0usize..3, 0usize..6, prop::option::of(0usize..9)), 0..40)) {
            let mut profile = two_lists();
            profile.watchlists.push(Watchlist::new("three", symbols("E F")));
            let all = |profile: &Profile| profile.symbols().cloned().collect::<BTreeSet<_>>();
            let (before, letters) = (all(&profile), symbols("A B C D E F"));
            for (from, to, symbol, at) in moves {
                let (from, to) = (profile.watchlists[from].name.clone(), profile.watchlists[to].name.clone());
                let _ = profile.move_symbol(&from, &to, &letters[symbol], at);
                for list in &profile.watchlists {
                    prop_assert_eq!(&Watchlist::new(list.name.clone(), list.symbols.clone()), list);
                }
            }
            prop_assert_eq!(all(&profile), before);
        }
    }
}
