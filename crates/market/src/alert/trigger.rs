//! The memory of one condition: what it has seen so far, in a bounded space.

use jiff::civil::Date;

use super::{
    AlertFired, Condition, MoveWithin,
    day_move::DayMove,
    extreme::{End, Extreme},
    latch::{BothWays, Latch, Way},
    volume::Volume,
    window::Window,
};
use crate::{Price, Quote};

/// That a condition has become true.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Firing {
    /// How far the price moved within the time of the condition, in percent; where it has one.
    pub moved_percent: Option<f64>,
}

/// The memory of one condition.
#[derive(Debug, Clone)]
pub struct Trigger {
    extended_hours: bool,
    memory: Memory,
}

#[derive(Debug, Clone)]
enum Memory {
    Above(Price, Latch),
    Below(Price, Latch),
    DayMove(f64, DayMove),
    // In boxes: most alerts are of the first kinds, and there may be many of them.
    Within(f64, Box<(Window, BothWays)>),
    Year(Box<Extreme>),
    Volume(f64, Box<Volume>),
}

impl Trigger {
    /// One that has seen nothing yet; with `extended_hours` it rules on those prices too.
    pub fn new(condition: Condition, extended_hours: bool) -> Self {
        let memory = match condition {
            Condition::Above(line) => Memory::Above(line, Latch::default()),
            Condition::Below(line) => Memory::Below(line, Latch::default()),
            Condition::DayMove(percent) => Memory::DayMove(percent, DayMove::default()),
            Condition::MoveWithin(MoveWithin { percent, minutes }) => {
                Memory::Within(percent, Box::new((Window::of_minutes(minutes), BothWays::default())))
            }
            Condition::YearHigh => Memory::Year(Box::new(Extreme::new(End::High))),
            Condition::YearLow => Memory::Year(Box::new(Extreme::new(End::Low))),
            Condition::VolumeSpike(times) => Memory::Volume(times, Box::default()),
        };
        Self { extended_hours, memory }
    }

    /// Takes in a quote; says whether the condition has just become true. One that is not firm arms, but never fires.
    pub fn observe(&mut self, quote: &Quote) -> Option<Firing> {
        let may_fire = quote.is_firm();
        let price = quote.ruling_price(self.extended_hours);
        let fires = match &mut self.memory {
            Memory::Above(line, latch) => latch.rises(price, *line, may_fire),
            Memory::Below(line, latch) => latch.falls(price, *line, may_fire),
            Memory::DayMove(percent, day) => {
                let moved = quote.day_move(self.extended_hours)?;
                day.reach(quote, moved, *percent, may_fire).is_some()
            }
            Memory::Within(percent, within) => {
                let (window, ways) = &mut **within;
                let (up, down) = window.take_in(quote.ruling_time(self.extended_hours), price);
                let way = ways.reach(up, down, *percent, may_fire)?;
                return Some(Firing { moved_percent: Some(if way == Way::Up { up } else { -down }) });
            }
            Memory::Year(extreme) => extreme.observe(quote, self.extended_hours, may_fire),
            Memory::Volume(times, volume) => volume.observe(quote, *times, may_fire),
        };
        fires.then(Firing::default)
    }

    /// Goes on after a split, with the line in the new shares: prices seen in the old ones are forgotten.
    pub(super) fn carry_over(&mut self, condition: Condition) {
        match (&mut self.memory, condition) {
            (Memory::Above(line, _), Condition::Above(new)) | (Memory::Below(line, _), Condition::Below(new)) => {
                *line = new;
            }
            (Memory::Within(_, within), _) => within.0.forget(),
            (Memory::Year(extreme), _) => extreme.forget(),
            _ => {}
        }
    }

    /// Remembers what it told in an earlier run: what is of a day is told once a day.
    pub fn resume(&mut self, fired: &AlertFired) {
        match &mut self.memory {
            Memory::Year(extreme) => extreme.resume(fired.trading_day()),
            Memory::Volume(_, volume) => volume.resume(fired.trading_day()),
            _ => {}
        }
    }
}

/// The memory of a move on the day that is told once a day (of the exchange) each way.
#[derive(Debug, Clone, Default)]
pub struct DailyMove {
    day: DayMove,
    told_up_on: Option<Date>,
    told_down_on: Option<Date>,
}

impl DailyMove {
    /// Takes in a quote; says whether a move of so many percent is to be told. One that is not firm arms, but never
    /// fires.
    pub fn observe(&mut self, percent: f64, quote: &Quote) -> bool {
        let Some(moved) = quote.change_percent else { return false };
        let Some(way) = self.day.reach(quote, moved, percent, quote.is_firm()) else { return false };
        let today = quote.trading_day();
        self.told(way).replace(today) != Some(today)
    }

    /// Remembers what it told in an earlier run.
    pub fn resume(&mut self, fired: &AlertFired) {
        let way = if fired.change_percent.is_none_or(|moved| moved >= 0.0) { Way::Up } else { Way::Down };
        *self.told(way) = Some(fired.trading_day());
    }

    fn told(&mut self, way: Way) -> &mut Option<Date> {
        match way {
            Way::Up => &mut self.told_up_on,
            Way::Down => &mut self.told_down_on,
        }
    }
}
