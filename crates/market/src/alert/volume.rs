//! An unusual volume: the day's reaches so many times that of a usual whole day, told once a day.

use jiff::civil::Date;

use crate::Quote;

/// What is remembered of a symbol's volume.
#[derive(Debug, Clone, Default)]
pub(super) struct Volume {
    seen: Option<Seen>,
    told_on: Option<Date>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    day: Date,
    volume: f64,
    /// The last volume of the day before: until it changes, a new day's quote still carries it.
    of_before: Option<f64>,
}

impl Volume {
    /// It has been told on this day, in an earlier run.
    pub(super) fn resume(&mut self, day: Date) {
        self.told_on = Some(day);
    }

    /// Takes in a quote; says whether its volume is to be told as `times` the usual one.
    pub(super) fn observe(&mut self, quote: &Quote, times: f64, may_fire: bool) -> bool {
        let (Some(volume), Some(usual)) = (quote.volume, quote.average_volume) else { return false };
        let day = quote.trading_day();
        let met = usual > 0.0 && volume >= times * usual;
        let of_before = match self.seen {
            Some(seen) if seen.day == day => seen.of_before,
            Some(seen) => Some(seen.volume),
            None => {
                if met {
                    // There already: news of a day that began without us.
                    self.told_on = Some(day);
                }
                None
            }
        };
        self.seen = Some(Seen { day, volume, of_before });
        let fires = met && of_before != Some(volume) && self.told_on != Some(day) && may_fire;
        if fires {
            self.told_on = Some(day);
        }
        fires
    }
}
