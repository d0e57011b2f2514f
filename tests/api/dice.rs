//! Chance that can be had again from its seed.

use jiff::ToSpan;
use jiff::civil::Date;

/// `SplitMix64`: a few lines, and every seed is as good as another.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(crate) fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        let place = self.below(u64::try_from(choices.len()).unwrap());
        choices[usize::try_from(place).unwrap()]
    }

    /// A day at most so far from another.
    pub(crate) fn around(&mut self, day: Date, days: i64) -> Date {
        let span = u64::try_from(2 * days + 1).unwrap();
        let off = i64::try_from(self.below(span)).unwrap() - days;
        day.checked_add(off.days()).unwrap()
    }
}
