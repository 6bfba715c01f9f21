//! What is listed: the instruments people look for first, and a plausible guess at any other symbol.

use market::{Kind, Symbol};

use super::{
    UNKNOWN_PREFIX,
    walk::{hash, mixed},
};

/// A row of the table below; figures as at the beginning of 2026, roughly. 0 stands for "has none".
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    pub(super) symbol: &'static str,
    pub(super) name: &'static str,
    pub(super) venue: Venue,
    pub(super) kind: Kind,
    /// In the major unit.
    price: f64,
    digits: u8,
    market_cap_billion: f64,
    pe_ratio: f64,
    dividend_yield: f64,
    volume_million: f64,
}

/// Everything a quote of the made-up market needs beside its price.
#[derive(Debug, Clone)]
pub(super) struct Listing {
    pub(super) name: String,
    pub(super) exchange: String,
    pub(super) kind: Kind,
    pub(super) currency: String,
    pub(super) quoted_in: Option<String>,
    pub(super) time_zone: &'static str,
    pub(super) price: f64,
    pub(super) digits: u8,
    pub(super) shares: Option<f64>,
    /// A share's, in a year.
    pub(super) earnings: Option<f64>,
    /// A share's, in a year.
    pub(super) dividend: Option<f64>,
    /// Of a day.
    pub(super) volume: Option<f64>,
}

impl Listing {
    /// The listing of a symbol; `None` for those that nobody knows.
    pub(super) fn of(symbol: &Symbol) -> Option<Self> {
        if symbol.as_str().starts_with(UNKNOWN_PREFIX) {
            return None;
        }
        let listed = LISTED.iter().find(|listed| listed.symbol == symbol.as_str());
        Some(listed.map_or_else(|| Self::guessed(symbol), Self::listed))
    }

    fn listed(row: &Listed) -> Self {
        let some = |figure: f64| Some(figure).filter(|figure| *figure > 0.0);
        Self {
            name: row.name.to_owned(),
            exchange: row.venue.exchange().to_owned(),
            kind: row.kind,
            currency: row.venue.currency().to_owned(),
            quoted_in: row.venue.quoted_in().map(str::to_owned),
            time_zone: row.venue.time_zone(),
            price: row.price,
            digits: row.digits,
            shares: some(row.market_cap_billion * 1e9 / row.price),
            earnings: some(row.pe_ratio).map(|ratio| row.price / ratio),
            dividend: some(row.dividend_yield).map(|percent| row.price * percent / 100.0),
            volume: some(row.volume_million * 1e6),
        }
    }

    fn guessed(symbol: &Symbol) -> Self {
        let text = symbol.as_str();
        let (kind, venue) = (guessed_kind(text), Venue::guessed(text));
        let dice = (mixed(hash(text)) >> 11) as f64 / (1u64 << 53) as f64;
        let (lowest, highest): (f64, f64) = match kind {
            Kind::Currency => (0.5, 2.0),
            Kind::Index => (1_000.0, 20_000.0),
            Kind::Crypto => (0.1, 100.0),
            _ => (5.0, 500.0),
        };
        Self {
            name: format!("{text} (simulated)"),
            exchange: "Simulated".to_owned(),
            kind,
            currency: venue.currency().to_owned(),
            quoted_in: None,
            time_zone: venue.time_zone(),
            price: lowest * (highest / lowest).powf(dice),
            digits: if kind == Kind::Currency { 4 } else { 2 },
            shares: None,
            earnings: None,
            dividend: None,
            volume: (kind != Kind::Currency).then(|| (1e5 * 100f64.powf(dice)).round()),
        }
    }
}

fn guessed_kind(symbol: &str) -> Kind {
    if symbol.starts_with('^') {
        Kind::Index
    } else if symbol.ends_with("=X") {
        Kind::Currency
    } else if symbol.ends_with("=F") {
        Kind::Future
    } else if symbol.ends_with("-USD") || symbol.ends_with("-EUR") {
        Kind::Crypto
    } else {
        Kind::Equity
    }
}

/// Where something is traded: its exchange, currency and clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Venue {
    Nasdaq,
    Nyse,
    NyseArca,
    UsIndex,
    Comex,
    Nymex,
    Cme,
    Toronto,
    Xetra,
    XetraIndex,
    Amsterdam,
    Paris,
    Milan,
    Swiss,
    LondonPence,
    LondonIndex,
    Tokyo,
    TokyoIndex,
    HongKong,
    Crypto,
    Forex,
    ForexYen,
}

impl Venue {
    fn guessed(symbol: &str) -> Self {
        match symbol.rsplit_once('.').map(|(_, suffix)| suffix) {
            Some("DE" | "F") => Self::Xetra,
            Some("AS") => Self::Amsterdam,
            Some("PA") => Self::Paris,
            Some("MI") => Self::Milan,
            Some("SW") => Self::Swiss,
            Some("L") => Self::LondonIndex,
            Some("T") => Self::Tokyo,
            Some("HK") => Self::HongKong,
            Some("TO") => Self::Toronto,
            _ => Self::Nyse,
        }
    }

    pub(super) fn exchange(self) -> &'static str {
        match self {
            Self::Nasdaq => "NasdaqGS",
            Self::Nyse => "NYSE",
            Self::NyseArca => "NYSEArca",
            Self::UsIndex => "SNP",
            Self::Comex => "COMEX",
            Self::Nymex => "NY Mercantile",
            Self::Cme => "CME",
            Self::Toronto => "Toronto",
            Self::Xetra | Self::XetraIndex => "XETRA",
            Self::Amsterdam => "Amsterdam",
            Self::Paris => "Paris",
            Self::Milan => "Milan",
            Self::Swiss => "Swiss",
            Self::LondonPence | Self::LondonIndex => "LSE",
            Self::Tokyo | Self::TokyoIndex => "Tokyo",
            Self::HongKong => "HKSE",
            Self::Crypto => "CCC",
            Self::Forex | Self::ForexYen => "CCY",
        }
    }

    fn currency(self) -> &'static str {
        match self {
            Self::Toronto => "CAD",
            Self::Xetra | Self::XetraIndex | Self::Amsterdam | Self::Paris | Self::Milan => "EUR",
            Self::Swiss => "CHF",
            Self::LondonPence | Self::LondonIndex => "GBP",
            Self::Tokyo | Self::TokyoIndex | Self::ForexYen => "JPY",
            Self::HongKong => "HKD",
            _ => "USD",
        }
    }

    fn quoted_in(self) -> Option<&'static str> {
        (self == Self::LondonPence).then_some("GBp")
    }

    fn time_zone(self) -> &'static str {
        match self {
            Self::Xetra | Self::XetraIndex => "Europe/Berlin",
            Self::Amsterdam => "Europe/Amsterdam",
            Self::Paris => "Europe/Paris",
            Self::Milan => "Europe/Rome",
            Self::Swiss => "Europe/Zurich",
            Self::LondonPence | Self::LondonIndex | Self::Forex | Self::ForexYen => "Europe/London",
            Self::Tokyo | Self::TokyoIndex => "Asia/Tokyo",
            Self::HongKong => "Asia/Hong_Kong",
            Self::Toronto => "America/Toronto",
            Self::Crypto => "UTC",
            _ => "America/New_York",
        }
    }
}

const fn listed(symbol: &'static str, name: &'static str, venue: Venue, kind: Kind, price: f64, digits: u8) -> Listed {
    Listed {
        symbol,
        name,
        venue,
        kind,
        price,
        digits,
        market_cap_billion: 0.0,
        pe_ratio: 0.0,
        dividend_yield: 0.0,
        volume_million: 0.0,
    }
}

impl Listed {
    const fn with(self, market_cap_billion: f64, pe_ratio: f64, dividend_yield: f64, volume_million: f64) -> Self {
        Self { market_cap_billion, pe_ratio, dividend_yield, volume_million, ..self }
    }
}

/// Symbol, name, venue, kind, price and digits; market capitalisation in billions, price/earnings ratio, dividend yield
/// in percent, millions traded in a day.
#[rustfmt::skip]
pub(super) const LISTED: &[Listed] = &[
    listed("AAPL", "Apple Inc.", Venue::Nasdaq, Kind::Equity, 272.4, 2).with(4020.0, 36.5, 0.38, 48.0),
    listed("MSFT", "Microsoft Corporation", Venue::Nasdaq, Kind::Equity, 508.1, 2).with(3780.0, 36.1, 0.71, 22.0),
    listed("NVDA", "NVIDIA Corporation", Venue::Nasdaq, Kind::Equity, 182.6, 2).with(4440.0, 45.2, 0.02, 190.0),
    listed("AMZN", "Amazon.com, Inc.", Venue::Nasdaq, Kind::Equity, 226.3, 2).with(2420.0, 32.0, 0.0, 41.0),
    listed("GOOGL", "Alphabet Inc. Class A", Venue::Nasdaq, Kind::Equity, 291.2, 2).with(3520.0, 28.8, 0.29, 36.0),
    listed("GOOG", "Alphabet Inc. Class C", Venue::Nasdaq, Kind::Equity, 291.9, 2).with(3530.0, 28.9, 0.29, 23.0),
    listed("META", "Meta Platforms, Inc.", Venue::Nasdaq, Kind::Equity, 603.7, 2).with(1520.0, 26.7, 0.35, 15.0),
    listed("TSLA", "Tesla, Inc.", Venue::Nasdaq, Kind::Equity, 401.5, 2).with(1330.0, 270.0, 0.0, 83.0),
    listed("NFLX", "Netflix, Inc.", Venue::Nasdaq, Kind::Equity, 112.4, 2).with(476.0, 46.8, 0.0, 34.0),
    listed("AMD", "Advanced Micro Devices, Inc.", Venue::Nasdaq, Kind::Equity, 223.5, 2).with(364.0, 116.0, 0.0, 48.0),
    listed("AVGO", "Broadcom Inc.", Venue::Nasdaq, Kind::Equity, 343.2, 2).with(1620.0, 87.0, 0.69, 22.0),
    listed("INTC", "Intel Corporation", Venue::Nasdaq, Kind::Equity, 34.8, 2).with(166.0, 0.0, 0.0, 95.0),
    listed("CSCO", "Cisco Systems, Inc.", Venue::Nasdaq, Kind::Equity, 76.9, 2).with(304.0, 29.6, 2.13, 21.0),
    listed("ADBE", "Adobe Inc.", Venue::Nasdaq, Kind::Equity, 323.8, 2).with(136.0, 20.2, 0.0, 4.0),
    listed("QCOM", "QUALCOMM Incorporated", Venue::Nasdaq, Kind::Equity, 165.4, 2).with(177.0, 33.5, 2.15, 9.0),
    listed("COST", "Costco Wholesale Corporation", Venue::Nasdaq, Kind::Equity, 893.6, 2).with(396.0, 49.1, 0.58, 2.0),
    listed("PEP", "PepsiCo, Inc.", Venue::Nasdaq, Kind::Equity, 146.2, 2).with(200.0, 27.8, 3.89, 7.0),
    listed("PLTR", "Palantir Technologies Inc.", Venue::Nasdaq, Kind::Equity, 166.8, 2).with(398.0, 390.0, 0.0, 58.0),
    listed("ORCL", "Oracle Corporation", Venue::Nyse, Kind::Equity, 215.3, 2).with(614.0, 49.8, 0.93, 24.0),
    listed("CRM", "Salesforce, Inc.", Venue::Nyse, Kind::Equity, 231.7, 2).with(221.0, 33.7, 0.72, 9.0),
    listed("IBM", "International Business Machines Corporation", Venue::Nyse, Kind::Equity, 302.1, 2).with(282.0, 36.2, 2.22, 4.0),
    listed("BRK-A", "Berkshire Hathaway Inc.", Venue::Nyse, Kind::Equity, 762_400.0, 2).with(1100.0, 16.3, 0.0, 0.0004),
    listed("BRK-B", "Berkshire Hathaway Inc.", Venue::Nyse, Kind::Equity, 508.3, 2).with(1100.0, 16.3, 0.0, 4.6),
    listed("JPM", "JPMorgan Chase & Co.", Venue::Nyse, Kind::Equity, 303.6, 2).with(827.0, 15.1, 1.98, 9.0),
    listed("V", "Visa Inc.", Venue::Nyse, Kind::Equity, 330.0, 2).with(637.0, 32.3, 0.81, 6.0),
    listed("MA", "Mastercard Incorporated", Venue::Nyse, Kind::Equity, 541.9, 2).with(487.0, 34.7, 0.56, 3.0),
    listed("JNJ", "Johnson & Johnson", Venue::Nyse, Kind::Equity, 199.4, 2).with(480.0, 19.3, 2.61, 8.0),
    listed("WMT", "Walmart Inc.", Venue::Nyse, Kind::Equity, 102.6, 2).with(818.0, 39.0, 0.92, 17.0),
    listed("KO", "The Coca-Cola Company", Venue::Nyse, Kind::Equity, 71.2, 2).with(306.0, 23.6, 2.86, 16.0),
    listed("DIS", "The Walt Disney Company", Venue::Nyse, Kind::Equity, 105.8, 2).with(189.0, 15.4, 1.42, 11.0),
    listed("BA", "The Boeing Company", Venue::Nyse, Kind::Equity, 189.4, 2).with(144.0, 0.0, 0.0, 8.0),
    listed("XOM", "Exxon Mobil Corporation", Venue::Nyse, Kind::Equity, 117.7, 2).with(496.0, 17.1, 3.5, 14.0),
    listed("PFE", "Pfizer Inc.", Venue::Nyse, Kind::Equity, 25.1, 2).with(143.0, 14.6, 6.85, 52.0),
    listed("SPY", "SPDR S&P 500 ETF Trust", Venue::NyseArca, Kind::Etf, 671.9, 2).with(0.0, 0.0, 1.06, 71.0),
    listed("QQQ", "Invesco QQQ Trust", Venue::Nasdaq, Kind::Etf, 605.2, 2).with(0.0, 0.0, 0.46, 56.0),
    listed("VTI", "Vanguard Total Stock Market Index Fund ETF", Venue::NyseArca, Kind::Etf, 330.5, 2).with(0.0, 0.0, 1.12, 4.0),
    listed("VWCE.DE", "Vanguard FTSE All-World UCITS ETF USD Accumulation", Venue::Xetra, Kind::Etf, 142.8, 2).with(0.0, 0.0, 0.0, 0.2),
    listed("SAP.DE", "SAP SE", Venue::Xetra, Kind::Equity, 208.9, 2).with(244.0, 34.4, 1.12, 1.6),
    listed("SIE.DE", "Siemens Aktiengesellschaft", Venue::Xetra, Kind::Equity, 226.4, 2).with(176.0, 20.1, 2.3, 1.2),
    listed("BMW.DE", "Bayerische Motoren Werke Aktiengesellschaft", Venue::Xetra, Kind::Equity, 87.3, 2).with(53.0, 8.0, 4.93, 1.1),
    listed("ASML.AS", "ASML Holding N.V.", Venue::Amsterdam, Kind::Equity, 866.4, 2).with(336.0, 35.2, 0.74, 0.6),
    listed("MC.PA", "LVMH Moet Hennessy - Louis Vuitton", Venue::Paris, Kind::Equity, 628.5, 2).with(313.0, 28.6, 2.07, 0.4),
    listed("AIR.PA", "Airbus SE", Venue::Paris, Kind::Equity, 204.6, 2).with(162.0, 32.4, 0.98, 0.9),
    listed("ENEL.MI", "Enel SpA", Venue::Milan, Kind::Equity, 8.79, 3).with(89.0, 13.4, 5.35, 21.0),
    listed("NESN.SW", "Nestle S.A.", Venue::Swiss, Kind::Equity, 80.1, 2).with(206.0, 19.8, 3.81, 3.2),
    listed("VOD.L", "Vodafone Group Public Limited Company", Venue::LondonPence, Kind::Equity, 0.9032, 4).with(21.0, 0.0, 4.35, 62.0),
    listed("HSBA.L", "HSBC Holdings plc", Venue::LondonPence, Kind::Equity, 10.662, 4).with(184.0, 14.9, 4.6, 24.0),
    listed("7203.T", "Toyota Motor Corporation", Venue::Tokyo, Kind::Equity, 3148.0, 0).with(41_000.0, 8.8, 3.02, 21.0),
    listed("6758.T", "Sony Group Corporation", Venue::Tokyo, Kind::Equity, 4402.0, 0).with(26_300.0, 22.9, 0.57, 11.0),
    listed("0700.HK", "Tencent Holdings Limited", Venue::HongKong, Kind::Equity, 624.5, 2).with(5690.0, 25.6, 0.72, 19.0),
    listed("SHOP.TO", "Shopify Inc.", Venue::Toronto, Kind::Equity, 212.4, 2).with(276.0, 112.0, 0.0, 1.7),
    listed("^GSPC", "S&P 500", Venue::UsIndex, Kind::Index, 6735.2, 2).with(0.0, 0.0, 0.0, 3100.0),
    listed("^DJI", "Dow Jones Industrial Average", Venue::UsIndex, Kind::Index, 46_990.4, 2).with(0.0, 0.0, 0.0, 480.0),
    listed("^IXIC", "NASDAQ Composite", Venue::UsIndex, Kind::Index, 22_870.6, 2).with(0.0, 0.0, 0.0, 8900.0),
    listed("^VIX", "CBOE Volatility Index", Venue::UsIndex, Kind::Index, 19.4, 2).with(0.0, 0.0, 0.0, 0.0),
    listed("^GDAXI", "DAX", Venue::XetraIndex, Kind::Index, 23_876.0, 2).with(0.0, 0.0, 0.0, 60.0),
    listed("^FTSE", "FTSE 100", Venue::LondonIndex, Kind::Index, 9698.4, 2).with(0.0, 0.0, 0.0, 710.0),
    listed("^N225", "Nikkei 225", Venue::TokyoIndex, Kind::Index, 50_376.5, 2).with(0.0, 0.0, 0.0, 120.0),
    listed("BTC-USD", "Bitcoin USD", Venue::Crypto, Kind::Crypto, 95_420.0, 2).with(1900.0, 0.0, 0.0, 70_000.0),
    listed("ETH-USD", "Ethereum USD", Venue::Crypto, Kind::Crypto, 3180.5, 2).with(384.0, 0.0, 0.0, 32_000.0),
    listed("SOL-USD", "Solana USD", Venue::Crypto, Kind::Crypto, 140.8, 2).with(78.0, 0.0, 0.0, 6100.0),
    listed("SHIB-USD", "Shiba Inu USD", Venue::Crypto, Kind::Crypto, 0.000_009_12, 8).with(5.4, 0.0, 0.0, 140.0),
    listed("EURUSD=X", "EUR/USD", Venue::Forex, Kind::Currency, 1.1622, 4).with(0.0, 0.0, 0.0, 0.0),
    listed("GBPUSD=X", "GBP/USD", Venue::Forex, Kind::Currency, 1.3171, 4).with(0.0, 0.0, 0.0, 0.0),
    listed("JPY=X", "USD/JPY", Venue::ForexYen, Kind::Currency, 154.52, 3).with(0.0, 0.0, 0.0, 0.0),
    listed("GC=F", "Gold", Venue::Comex, Kind::Future, 4094.2, 1).with(0.0, 0.0, 0.0, 0.21),
    listed("CL=F", "Crude Oil", Venue::Nymex, Kind::Future, 60.09, 2).with(0.0, 0.0, 0.0, 0.29),
    listed("ES=F", "E-Mini S&P 500", Venue::Cme, Kind::Future, 6754.25, 2).with(0.0, 0.0, 0.0, 1.4),
];
