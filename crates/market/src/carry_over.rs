//! Carrying what a user has over splits: the lines of alerts and the lots, each once.
//!
//! Splits are remembered with the profile, so that a state of before that comes back, out of a backup or a file, is
//! carried over what has happened since. A lot that is noted after its split was seen is in the new shares, whenever it
//! was bought.

use crate::{Alert, Lot, Profile, split::SeenSplit};

/// Splits remembered of one user at the most; the oldest give way.
pub const SPLITS_MAX: usize = 200;

impl Profile {
    /// Carries lines and lots over a split; says whether anything changed.
    pub(crate) fn carry_over(&mut self, seen: &SeenSplit) -> bool {
        let of_symbol = self.alerts.iter_mut().filter(|alert| alert.symbol == seen.symbol);
        let lines = of_symbol.filter_map(|alert| alert.carry_over(&seen.split, seen.seen_at).then_some(())).count();
        if self.splits.iter().any(|known| (&known.symbol, known.day) == (&seen.symbol, seen.day)) {
            return lines > 0;
        }
        for lot in self.holdings.get_mut(&seen.symbol).into_iter().flatten() {
            lot.carry_over(seen);
        }
        if self.splits.len() == SPLITS_MAX {
            self.splits.remove(0);
        }
        self.splits.push(seen.clone());
        true
    }

    /// Carries a whole state of before over the splits that were seen since.
    pub(crate) fn carried_on(&self, mut state: Self) -> Self {
        for seen in &self.splits {
            state.carry_over(seen);
        }
        state
    }

    /// The same for an alert out of a file. When its line was drawn must be known: it may be of today.
    pub(crate) fn carried_alert(&self, mut alert: Alert) -> Alert {
        let drawn = alert.drawn_at.is_some();
        for seen in self.splits.iter().filter(|_| drawn) {
            if seen.symbol == alert.symbol {
                alert.carry_over(&seen.split, seen.seen_at);
            }
        }
        alert
    }
}

impl Lot {
    /// What was bought on an earlier day becomes more or fewer pieces that cost as much together.
    fn carry_over(&mut self, seen: &SeenSplit) {
        if self.date.is_none_or(|bought| bought >= seen.day) {
            return;
        }
        let cost = self.cost.map(|cost| seen.split.carried(cost));
        // What is no price any more stays as it is: pieces and cost belong together.
        let Some(quantity) = seen.split.carried_quantity(self.quantity).filter(|_| cost != Some(None)) else { return };
        (self.quantity, self.cost) = (quantity, cost.flatten());
    }
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::Date};

    use super::*;
    use crate::{Condition, Edit, Edited, Split, Symbol, UserName, price::tests::price};

    fn apple() -> Symbol {
        Symbol::parse("AAPL").unwrap()
    }

    fn at(day: i8, hour: i8) -> Timestamp {
        jiff::civil::date(2026, 11, day).at(hour, 30, 0, 0).in_tz("UTC").unwrap().timestamp()
    }

    /// Four for one at the bell of the 23rd.
    fn edit() -> Edit {
        let split = Split::new(4.0, 1.0, at(23, 14)).unwrap();
        let (day, seen_at) = (jiff::civil::date(2026, 11, 23), at(23, 12));
        Edit::CarryOverSplit { seen: SeenSplit { symbol: apple(), split, day, seen_at } }
    }

    fn lot(quantity: f64, cost: f64, day: Option<i8>) -> Lot {
        let date = day.map(|day| Date::new(2026, 11, day).unwrap());
        Lot { quantity: price(quantity), cost: Some(price(cost)), currency: None, date }
    }

    fn alert(line: f64) -> Alert {
        serde_json::from_value(serde_json::json!({
            "id": "1", "symbol": "AAPL", "condition": Condition::Above(price(line)), "repeat": false,
            "extended_hours": false, "enabled": true, "drawn_at": at(20, 12),
        }))
        .unwrap()
    }

    fn profile() -> Profile {
        let mut profile = Profile::new(UserName::me());
        profile.apply(Edit::PutAlert { alert: alert(400.0) }).unwrap();
        let lots = vec![lot(10.0, 396.0, Some(22)), lot(3.0, 99.0, Some(23)), lot(5.0, 300.0, None)];
        profile.apply(Edit::SetLots { symbol: apple(), lots }).unwrap();
        profile
    }

    #[test]
    fn lots_bought_before_the_day_are_carried_over_once() {
        let mut profile = profile();
        assert_eq!(profile.apply(edit()), Ok(Edited::Changed));
        let expected = [lot(40.0, 99.0, Some(22)), lot(3.0, 99.0, Some(23)), lot(5.0, 300.0, None)];
        assert_eq!(profile.holdings[&apple()], expected, "what was bought nobody knows when stays");
        assert_eq!(profile.apply(edit()), Ok(Edited::Unchanged));
        // Noted afterwards: in the new shares.
        profile.apply(Edit::SetLots { symbol: apple(), lots: vec![lot(40.0, 99.0, Some(2))] }).unwrap();
        let mut again: Profile = serde_json::from_str(&serde_json::to_string(&profile).unwrap()).unwrap();
        assert_eq!(again.apply(edit()), Ok(Edited::Unchanged));
        assert_eq!(again.holdings[&apple()], [lot(40.0, 99.0, Some(2))]);
    }

    #[test]
    fn a_state_of_before_the_split_comes_back_in_the_new_shares() {
        let (before, mut now) = (profile(), profile());
        now.apply(edit()).unwrap();
        let after = now.clone();
        now.apply(Edit::RemoveAlert { id: "1".into() }).unwrap();
        now.apply(Edit::SetLots { symbol: apple(), lots: Vec::new() }).unwrap();
        for state in [before, after.clone()] {
            now.apply(Edit::Restore { profile: Box::new(state) }).unwrap();
            assert_eq!(now, after);
        }
        now.apply(Edit::StartOver).unwrap();
        assert_eq!(now.apply(edit()), Ok(Edited::Unchanged), "that is not forgotten");
    }

    #[test]
    fn the_oldest_splits_give_way() {
        let mut profile = profile();
        let day =
            |n: usize| jiff::civil::date(2026, 1, 1).saturating_add(jiff::Span::new().days(i64::try_from(n).unwrap()));
        for n in 0..SPLITS_MAX + 5 {
            let Edit::CarryOverSplit { seen } = edit() else { unreachable!() };
            profile.carry_over(&SeenSplit { day: day(n), ..seen });
        }
        assert_eq!((profile.splits.len(), profile.splits[0].day), (SPLITS_MAX, day(5)));
    }
}
