//! The price as a picture, for Windows, which shows no text beside a tray icon: the price above, an arrow below.

use market::{Quote, QuoteState, profile::Palette};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, RasterizedChar, get_raster};

/// Width and height in pixels; Windows makes of it what it needs.
pub(super) const SIDE: usize = 32;
/// Characters that fit side by side.
const CHARACTERS_MAX: usize = 4;

type Colour = [u8; 3];

/// Dark, whatever the taskbar is, so that the colours on it can be read.
const GROUND: Colour = [0x22, 0x26, 0x2C];
const TEXT: Colour = [0xFF, 0xFF, 0xFF];
/// Of a price that is old or made up.
const FADED: Colour = [0xA9, 0xB1, 0xBB];
const GREEN: Colour = [0x43, 0xC5, 0x85];
const RED: Colour = [0xFF, 0x7B, 0x80];
const BLUE: Colour = [0x62, 0xB4, 0xF4];
const ORANGE: Colour = [0xF2, 0xA0, 0x5A];

/// Where a price has gone since yesterday; none where it is not of now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Above.
    Up,
    /// Below.
    Down,
    /// Neither.
    Flat,
}

/// What the picture shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The price in four characters at the most.
    pub text: String,
    /// Up, down, or nothing to say.
    pub direction: Option<Direction>,
    /// Which colours stand for that.
    pub palette: Palette,
}

impl Badge {
    /// What it shows of this quote.
    pub fn of(quote: &Quote, palette: Palette) -> Self {
        let now = !quote.is_simulated() && quote.state != QuoteState::Stale;
        let direction = match quote.change_percent.unwrap_or_default() {
            moved if moved > 0.0 => Direction::Up,
            moved if moved < 0.0 => Direction::Down,
            _ => Direction::Flat,
        };
        Self { text: short(quote.price.to_f64()), direction: now.then_some(direction), palette }
    }

    /// The picture, as rows of red, green, blue and opacity.
    pub fn pixels(&self) -> Vec<u8> {
        let mut canvas = Canvas::new();
        canvas.write(&self.text, if self.direction.is_some() { TEXT } else { FADED });
        if let Some(direction) = self.direction {
            canvas.arrow(direction, self.colour(direction));
        }
        canvas.0
    }

    fn colour(&self, direction: Direction) -> Colour {
        match (direction, self.palette) {
            (Direction::Flat, _) => TEXT,
            (Direction::Up, Palette::Western) | (Direction::Down, Palette::Eastasian) => GREEN,
            (Direction::Down, Palette::Western) | (Direction::Up, Palette::Eastasian) => RED,
            (Direction::Up, Palette::Cvd) => BLUE,
            (Direction::Down, Palette::Cvd) => ORANGE,
        }
    }
}

/// A price in four characters: `.667`, `2.46`, `24.6`, `245`, `6115`, `98k`, `1.2M`.
fn short(price: f64) -> String {
    let scaled = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    let fits = |text: &String| text.chars().count() <= CHARACTERS_MAX;
    let digits = |price: f64, unit: &str| (0..=2).rev().map(|n| format!("{price:.n$}{unit}")).find(fits);
    if price < 1.0 {
        return format!("{price:.3}").trim_start_matches('0').to_owned();
    }
    scaled.iter().find_map(|(scale, unit)| digits(price / scale, unit)).unwrap_or_else(|| "…".into())
}

/// A picture under work.
struct Canvas(Vec<u8>);

impl Canvas {
    fn new() -> Self {
        let [red, green, blue] = GROUND;
        Self([red, green, blue, 0xFF].repeat(SIDE * SIDE))
    }

    /// In the middle of the upper half.
    fn write(&mut self, text: &str, colour: Colour) {
        let letters: Vec<_> =
            text.chars().filter_map(|letter| get_raster(letter, FontWeight::Bold, RasterHeight::Size16)).collect();
        let width: usize = letters.iter().map(RasterizedChar::width).sum();
        let mut left = SIDE.saturating_sub(width) / 2;
        for letter in letters {
            for (y, row) in letter.raster().iter().enumerate() {
                for (x, ink) in row.iter().enumerate() {
                    self.blend(left + x, y + 1, colour, *ink);
                }
            }
            left += letter.width();
        }
    }

    /// In the lower half: a triangle that stands up or hangs down, or a bar.
    fn arrow(&mut self, direction: Direction, colour: Colour) {
        const TOP: usize = 19;
        const HEIGHT: usize = 10;
        for y in 0..HEIGHT {
            let half = match direction {
                Direction::Up => y,
                Direction::Down => HEIGHT - 1 - y,
                Direction::Flat if (4..6).contains(&y) => 8,
                Direction::Flat => continue,
            };
            for x in SIDE / 2 - half..=SIDE / 2 + half {
                self.blend(x, TOP + y, colour, u8::MAX);
            }
        }
    }

    /// Lays as much of a colour over a pixel; outside of the picture nothing.
    fn blend(&mut self, x: usize, y: usize, colour: Colour, ink: u8) {
        if x >= SIDE || y >= SIDE {
            return;
        }
        let at = (y * SIDE + x) * 4;
        for (under, over) in self.0[at..at + 3].iter_mut().zip(colour) {
            let mixed = u16::from(*under) * u16::from(u8::MAX - ink) + u16::from(over) * u16::from(ink);
            *under = (mixed / u16::from(u8::MAX)) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn badge(text: &str, direction: Option<Direction>) -> Badge {
        Badge { text: text.into(), direction, palette: Palette::Western }
    }

    /// The picture as text, `#` for what is brighter than its ground.
    fn drawn(badge: &Badge) -> Vec<String> {
        let lit = |pixel: &[u8]| if pixel[..3].iter().any(|part| *part > 0x80) { '#' } else { '.' };
        badge.pixels().chunks(SIDE * 4).map(|row| row.chunks(4).map(lit).collect()).collect()
    }

    fn lit(rows: &[String]) -> usize {
        rows.iter().map(|row| row.matches('#').count()).sum()
    }

    #[test]
    fn a_price_is_four_characters() {
        let prices = [
            (0.6662, ".666"),
            (2.456, "2.46"),
            (24.56, "24.6"),
            (244.6, "245"),
            (6114.63, "6115"),
            (9999.9, "10k"),
            (97_508.97, "98k"),
            (123_456.0, "123k"),
            (1_234_567.0, "1.2M"),
            (1.0, "1.00"),
            (0.000_01, ".000"),
        ];
        for (price, text) in prices {
            assert_eq!(short(price), text, "{price}");
        }
    }

    #[test]
    fn up_and_down_differ_without_their_colours() {
        let of = |direction| drawn(&badge("245", Some(direction)));
        let (up, down, flat) = (of(Direction::Up), of(Direction::Down), of(Direction::Flat));
        let below = |rows: &[String]| rows[19..29].to_vec();
        assert_eq!(up[..18], down[..18], "the same price above");
        assert!(lit(&up[..18]) > 40, "a price that can be read");
        let hanging: Vec<_> = below(&up).into_iter().rev().collect();
        assert_eq!(below(&down), hanging);
        assert!(lit(&below(&flat)) < lit(&below(&up)) && lit(&below(&flat)) > 0);
        assert_eq!(lit(&drawn(&badge("", None))), 0, "nothing but the ground");
    }

    #[test]
    fn nothing_is_drawn_outside() {
        for text in ["6115", "WWWWWWWW", "…"] {
            assert_eq!(badge(text, Some(Direction::Up)).pixels().len(), SIDE * SIDE * 4, "{text}");
        }
    }
}
