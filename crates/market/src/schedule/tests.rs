//! What the schedule promises: its budget, its rhythm, and that nobody starves.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const LIMITS: RequestLimits = RequestLimits { symbols_max: 99, bytes_max: 1_000, per_second: 2.0 };
const GAP: Duration = Duration::from_millis(500);
const INTERVALS: PollIntervals =
    PollIntervals { open: Duration::from_secs(5), closed: Duration::from_secs(60), streamed: Duration::from_secs(120) };

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn symbol(i: usize) -> Symbol {
    Symbol::parse(&format!("S{i:05}")).unwrap()
}

fn number(symbol: &Symbol) -> usize {
    symbol.as_str()[1..].parse().unwrap()
}

/// So many symbols of each tier, numbered through.
fn tiers(visible: usize, alerted: usize, background: usize) -> BTreeMap<Symbol, Tier> {
    let tiers = [(Tier::Visible, visible), (Tier::Alerted, alerted), (Tier::Background, background)];
    tiers
        .into_iter()
        .flat_map(|(tier, n)| std::iter::repeat_n(tier, n))
        .enumerate()
        .map(|(i, t)| (symbol(i), t))
        .collect()
}

fn schedule_of(followed: &BTreeMap<Symbol, Tier>, now: Instant) -> PollSchedule {
    let mut schedule = PollSchedule::new(LIMITS, INTERVALS, |s| s.as_str().len() + 1);
    schedule.follow(followed, now);
    schedule
}

fn schedule(symbols: usize, now: Instant) -> PollSchedule {
    schedule_of(&tiers(0, 0, symbols), now)
}

/// Everything asked for until `end`, as (when, what).
fn run(schedule: &mut PollSchedule, mut now: Instant, end: Instant) -> Vec<(Instant, Vec<Symbol>)> {
    let mut requests = Vec::new();
    while let Some(at) = schedule.next_at()
        && at <= end
    {
        now = at.max(now);
        requests.push((now, schedule.take(now).unwrap()));
    }
    requests
}

/// The longest time that each symbol was left alone, from `start` to `end`.
fn longest_gaps(requests: &[(Instant, Vec<Symbol>)], start: Instant, end: Instant) -> HashMap<Symbol, Duration> {
    let mut last: HashMap<Symbol, Instant> = HashMap::new();
    let mut gaps: HashMap<Symbol, Duration> = HashMap::new();
    let mut note = |symbol: &Symbol, at: Instant| {
        let gap = at - last.insert(symbol.clone(), at).unwrap_or(start);
        let longest = gaps.entry(symbol.clone()).or_default();
        *longest = gap.max(*longest);
    };
    for (at, batch) in requests {
        for symbol in batch {
            note(symbol, *at);
        }
    }
    let asked: BTreeSet<&Symbol> = requests.iter().flat_map(|(_, batch)| batch).collect();
    for symbol in asked {
        note(symbol, end);
    }
    gaps
}

#[test]
fn ten_thousand_symbols_are_102_requests_a_sweep() {
    let mut now = Instant::now();
    let mut schedule = schedule(10_000, now);
    let mut asked = BTreeSet::new();
    let mut requests = 0;
    while asked.len() < 10_000 {
        now = schedule.next_at().unwrap().max(now);
        let before = asked.len();
        let batch = schedule.take(now).unwrap();
        asked.extend(batch);
        requests += 1;
        assert!(asked.len() - before == 99 || asked.len() == 10_000, "nobody is asked twice before all were once");
    }
    assert_eq!(requests, 102);
}

#[test]
fn what_is_looked_at_keeps_its_interval_among_ten_thousand() {
    let start = Instant::now();
    let end = start + secs(300);
    let followed = tiers(74, 126, 9_800);
    let requests = run(&mut schedule_of(&followed, start), start, end);
    assert_eq!(requests.len(), 601, "the whole budget is used");
    assert!(requests.iter().all(|(_, batch)| batch.len() == 99), "every request is full");
    let gaps = longest_gaps(&requests, start, end);
    let longest = |tier: Tier| gaps.iter().filter(|(s, _)| followed[*s] == tier).map(|(_, gap)| *gap).max().unwrap();
    assert_eq!(gaps.len(), 10_000);
    assert!(longest(Tier::Visible) <= INTERVALS.open + GAP, "{:?}", longest(Tier::Visible));
    assert!(longest(Tier::Alerted) <= INTERVALS.open + GAP * 3, "{:?}", longest(Tier::Alerted));
    assert!(longest(Tier::Background) <= secs(75), "{:?}", longest(Tier::Background));
}

#[test]
fn one_symbol_a_request_starves_nobody() {
    let start = Instant::now();
    let mut schedule = PollSchedule::new(RequestLimits { symbols_max: 1, ..LIMITS }, INTERVALS, |s| s.as_str().len());
    schedule.follow(&tiers(100, 100, 10), start);
    let requests = run(&mut schedule, start, start + secs(160));
    let places = |numbers: std::ops::Range<usize>| {
        requests.iter().flat_map(|(_, batch)| batch).filter(|s| numbers.contains(&number(s))).count()
    };
    assert_eq!(requests.len(), 321);
    let shares = (places(0..100), places(100..200), places(200..210));
    assert!((240..=242).contains(&shares.0) && (59..=61).contains(&shares.1) && shares.2 >= 19, "{shares:?}");
}

#[test]
fn closed_markets_are_asked_less_often() {
    let now = Instant::now();
    let mut schedule = schedule(1, now);
    let batch = schedule.take(now).unwrap();
    schedule.answered(&batch[0], Session::Closed, None, now);
    assert_eq!(schedule.next_at(), Some(now + INTERVALS.closed));
    schedule.all_due(now);
    assert_eq!(schedule.next_at(), Some(now + GAP), "the budget holds even then");
}

#[test]
fn extended_hours_are_asked_like_open_ones() {
    for session in [Session::Pre, Session::Regular, Session::Post, Session::Overnight] {
        let now = Instant::now();
        let mut schedule = schedule(1, now);
        let batch = schedule.take(now).unwrap();
        schedule.answered(&batch[0], session, Some(now + secs(3_600)), now);
        assert_eq!(schedule.next_at(), Some(now + INTERVALS.open), "{session:?}");
    }
}

#[test]
fn a_closed_market_is_asked_once_around_its_next_open() {
    let start = Instant::now();
    let open = start + secs(30);
    let mut schedule = schedule(495, start);
    let mut asked = vec![0; 495];
    for (at, batch) in run(&mut schedule, start, start + GAP * 5) {
        for symbol in batch {
            schedule.answered(&symbol, Session::Closed, Some(open), at);
        }
    }
    let opening = run(&mut schedule, start, open + secs(5));
    for (at, batch) in &opening {
        assert!(*at > open && *at <= open + OPEN_DELAY + GAP * 5);
        for symbol in batch {
            asked[number(symbol)] += 1;
        }
    }
    assert_eq!(opening.len(), 5, "in full batches");
    assert!(asked.iter().all(|times| *times == 1));
}

#[test]
fn an_opening_that_is_past_is_no_reason_and_a_far_one_is_waited_for() {
    let now = Instant::now();
    let mut schedule = schedule(1, now);
    schedule.answered(&symbol(0), Session::Closed, Some(now), now);
    assert_eq!(schedule.next_at(), Some(now + INTERVALS.closed));
    schedule.answered(&symbol(0), Session::Closed, Some(now + secs(36_000)), now);
    assert_eq!(schedule.next_at(), Some(now + secs(36_000) + OPEN_DELAY));
    schedule.answered(&symbol(0), Session::Closed, Some(now + WAIT_MAX * 2), now);
    assert_eq!(schedule.next_at(), Some(now + WAIT_MAX));
}

#[test]
fn becoming_visible_is_due_at_once_after_a_pause() {
    let start = Instant::now();
    let mut schedule = schedule(3, start);
    schedule.take(start).unwrap();
    schedule.answered(&symbol(0), Session::Closed, None, start);
    schedule.answered(&symbol(1), Session::Closed, Some(start + secs(36_000)), start);
    schedule.unknown(&symbol(2), secs(3_600), start);
    schedule.follow(&tiers(3, 0, 0), start + secs(1));
    assert_eq!(schedule.next_at(), Some(start + INTERVALS.closed), "asked a moment ago");
    schedule.follow(&tiers(0, 0, 3), start + secs(2));
    schedule.follow(&tiers(3, 0, 0), start + secs(20));
    assert_eq!(schedule.take(start + secs(20)), Some(vec![symbol(0)]), "of the others there can be no news");
}

#[test]
fn a_change_of_tier_keeps_the_turn() {
    let now = Instant::now();
    let mut schedule = schedule(100, now);
    schedule.take(now).unwrap();
    schedule.follow(&tiers(0, 100, 0), now);
    assert_eq!(schedule.take(now + GAP), Some(vec![symbol(99)]));
    assert_eq!(schedule.next_at(), Some(now + INTERVALS.open));
}

#[test]
fn a_stream_puts_polls_off_until_it_falls_silent() {
    let start = Instant::now();
    let mut schedule = schedule(2, start);
    schedule.take(start).unwrap();
    for second in 0..100 {
        schedule.streamed(&symbol(0), start + secs(second));
        schedule.streamed(&symbol(1), start + secs(second));
    }
    let last = start + secs(99);
    let silent = schedule.next_at().unwrap();
    assert!(silent > last + INTERVALS.streamed * 7 / 8 && silent <= last + INTERVALS.streamed);
    assert_eq!(schedule.take(silent).unwrap().len(), 2);
    assert_eq!(schedule.next_at(), Some(silent + INTERVALS.open), "polled again as before");
    schedule.streamed(&symbol(1), silent);
    schedule.stream_lost(&[symbol(0), symbol(1)], silent + secs(1));
    assert_eq!(schedule.take(silent + secs(1)), Some(vec![symbol(1)]), "at once, the other at its turn");
}

#[test]
fn what_is_to_be_checked_is_asked_for_soon_whatever_a_stream_brings() {
    let start = Instant::now();
    let mut schedule = schedule(1, start);
    schedule.take(start).unwrap();
    for second in 0..100 {
        schedule.streamed(&symbol(0), start + secs(second));
    }
    let doubted = start + secs(100);
    schedule.ask_soon(&symbol(0), secs(1), doubted);
    for tenth in 1..10 {
        schedule.streamed(&symbol(0), doubted + secs(1) * tenth / 10);
        schedule.ask_soon(&symbol(0), secs(1), doubted + secs(1) * tenth / 10);
    }
    assert_eq!(schedule.next_at(), Some(doubted + secs(1)));
    schedule.take(doubted + secs(1)).unwrap();
    schedule.streamed(&symbol(0), doubted + secs(2));
    assert!(schedule.next_at().unwrap() > doubted + secs(100), "once is enough");
}

#[test]
fn an_overlong_symbol_still_gets_its_turn() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(RequestLimits { bytes_max: 3, ..LIMITS }, INTERVALS, |s| s.as_str().len());
    schedule.follow(&["LONGER", "ALSOLONG"].map(|s| (Symbol::parse(s).unwrap(), Tier::Background)).into(), now);
    assert_eq!(schedule.take(now).unwrap().len(), 1);
}

#[test]
fn odd_limits_are_no_trouble() {
    let now = Instant::now();
    for per_second in [0.0, -1.0, f64::NAN, f64::MIN_POSITIVE, f64::INFINITY] {
        let limits = RequestLimits { symbols_max: 0, bytes_max: 0, per_second };
        let forever = PollIntervals { open: Duration::MAX, closed: Duration::MAX, streamed: Duration::MAX };
        let mut schedule = PollSchedule::new(limits, forever, |s| s.as_str().len());
        schedule.follow(&tiers(1, 1, 0), now);
        assert_eq!(schedule.take(now).unwrap().len(), 1);
        schedule.answered(&symbol(0), Session::Closed, None, now);
        schedule.streamed(&symbol(1), now);
        schedule.unknown(&symbol(1), Duration::MAX, now);
    }
}

#[derive(Debug, Clone)]
enum Event {
    Follow(usize, usize, usize),
    AllDue,
    Pause(u64),
    Answered(usize, Session, Option<u64>),
    Unknown(usize),
    Streamed(usize),
    StreamLost,
    Take,
}

fn event() -> impl Strategy<Value = Event> {
    let session = prop::sample::select(vec![Session::Pre, Session::Regular, Session::Closed]);
    prop_oneof![
        2 => (0usize..100, 0usize..100, 0usize..300).prop_map(|(v, a, b)| Event::Follow(v, a, b)),
        1 => Just(Event::AllDue),
        1 => (0u64..3_000).prop_map(Event::Pause),
        3 => (0usize..400, session, prop::option::of(0u64..100)).prop_map(|(n, s, o)| Event::Answered(n, s, o)),
        1 => (0usize..400).prop_map(Event::Unknown),
        2 => (0usize..400).prop_map(Event::Streamed),
        1 => Just(Event::StreamLost),
        8 => Just(Event::Take),
    ]
}

fn happen(schedule: &mut PollSchedule, event: &Event, now: Instant) {
    match event {
        Event::Follow(v, a, b) => schedule.follow(&tiers(*v, *a, *b), now),
        Event::AllDue => schedule.all_due(now),
        Event::Pause(ms) => schedule.pause_until(now + Duration::from_millis(*ms)),
        Event::Answered(n, session, open) => {
            schedule.answered(&symbol(*n), *session, open.map(|s| now + secs(s)), now);
        }
        Event::Unknown(n) => schedule.unknown(&symbol(*n), secs(60), now),
        Event::Streamed(n) => schedule.streamed(&symbol(*n), now),
        Event::StreamLost => schedule.stream_lost(&(0..50).map(symbol).collect::<Vec<_>>(), now),
        Event::Take => {}
    }
}

proptest! {
    /// Whatever happens: never two requests closer than the budget allows, never a batch over its bounds, never a
    /// symbol nobody follows or one twice.
    #[test]
    fn never_exceeds_its_budget(events in prop::collection::vec((event(), 0u64..3_000), 1..120)) {
        let mut now = Instant::now();
        let mut schedule = schedule(50, now);
        let mut followed = 50;
        let mut last: Option<Instant> = None;
        for (event, wait_ms) in events {
            now += Duration::from_millis(wait_ms);
            if let Event::Follow(v, a, b) = event {
                followed = v + a + b;
            }
            happen(&mut schedule, &event, now);
            while matches!(event, Event::Take) && let Some(batch) = schedule.take(now) {
                prop_assert!(!batch.is_empty() && batch.len() <= LIMITS.symbols_max);
                prop_assert!(batch.iter().map(|s| s.as_str().len() + 1).sum::<usize>() <= LIMITS.bytes_max);
                prop_assert!(batch.iter().all(|s| number(s) < followed));
                prop_assert_eq!(batch.iter().collect::<BTreeSet<_>>().len(), batch.len());
                prop_assert!(last.is_none_or(|l| now - l >= GAP));
                last = Some(now);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// However many of each there are, none waits longer than its tier's share of the budget takes for all of them,
    /// and the visible keep their interval if one request carries them.
    #[test]
    fn nobody_starves((v, a, b) in (0usize..300, 0usize..300, 0usize..300)) {
        let start = Instant::now();
        let end = start + secs(60);
        let followed = tiers(v, a, b);
        let requests = run(&mut schedule_of(&followed, start), start, end);
        let gaps = longest_gaps(&requests, start, end);
        prop_assert_eq!(gaps.len(), followed.len());
        for (symbol, tier) in &followed {
            let (count, places) = match tier {
                Tier::Visible => (v, 12),
                Tier::Alerted => (a, 3),
                Tier::Background => (b, 1),
            };
            let requests = (count * 16).div_ceil(places * 99);
            prop_assert!(gaps[symbol] <= INTERVALS.open + GAP * (requests as u32 + 1), "{tier:?} {:?}", gaps[symbol]);
        }
        if v <= 74 {
            prop_assert!((0..v).all(|n| gaps[&symbol(n)] <= INTERVALS.open + GAP));
        }
    }

    /// Wherever the symbols stood before: as long as the budget carries them, a round costs as many requests as there
    /// are full batches in it, and each comes round in time.
    #[test]
    fn a_sweep_is_at_the_floor(n in 1usize..900, arrivals in prop::collection::vec(0u64..20_000, 1..60)) {
        let start = Instant::now();
        let mut schedule = schedule(0, start);
        let mut arrivals = arrivals;
        arrivals.sort_unstable();
        let mut now = start;
        for (i, ms) in arrivals.iter().enumerate() {
            let until = start + Duration::from_millis(*ms);
            run(&mut schedule, now, until);
            now = until;
            schedule.follow(&tiers(0, 0, n * (i + 1) / arrivals.len()), now);
        }
        let (settled, end) = (now + secs(30), now + secs(80));
        run(&mut schedule, now, settled);
        let requests = run(&mut schedule, settled, end);
        let floor = n.div_ceil(LIMITS.symbols_max);
        prop_assert!(requests.len() <= floor * 10 + 2, "{} requests in ten rounds of {floor}", requests.len());
        prop_assert!(longest_gaps(&requests, settled, end).values().all(|gap| *gap <= INTERVALS.open + GAP * 2));
    }
}
