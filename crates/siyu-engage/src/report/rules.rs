//! The statistics of two arms (reference/05 §5.15), as pure functions.

use super::model::{ArmResult, Lift, SampleCheck, TestName};

/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;
/// Conversions an arm needs before a relative lift is told.
pub const CONVERSIONS_MIN: u64 = 100;
/// Below this the planned sizes of the arms cannot be believed.
const MISMATCH_P: f64 = 0.001;

/// Compares the arms; `None` if one of them is empty.
pub fn lift(treated: &ArmResult, control: &ArmResult) -> Option<Lift> {
    if treated.people == 0 || control.people == 0 {
        return None;
    }
    let (a, n) = (treated.converted, treated.people);
    let (b, m) = (control.converted, control.people);
    let (low, high) = newcombe(a, n, b, m);
    let enough = a >= CONVERSIONS_MIN && b >= CONVERSIONS_MIN;
    let ratio = enough.then(|| ratio(a, n, b, m));
    let small = smallest_expected(a, n, b, m) < 5.0;
    let (test, p_value) =
        if small { (TestName::Fisher, fisher(a, n, b, m)) } else { (TestName::Z, z_test(a, n, b, m)) };
    Some(Lift {
        absolute: rate(a, n) - rate(b, m),
        low,
        high,
        relative: ratio.map(|(middle, _, _)| middle - 1.0),
        relative_low: ratio.map(|(_, low, _)| low - 1.0),
        relative_high: ratio.map(|(_, _, high)| high - 1.0),
        p_value,
        test,
        enough,
    })
}

fn rate(converted: u64, people: u64) -> f64 {
    converted as f64 / people as f64
}

/// Wilson's score interval of one proportion.
fn wilson(converted: u64, people: u64) -> (f64, f64) {
    let (n, p) = (people as f64, rate(converted, people));
    let centre = p + Z * Z / (2.0 * n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + Z * Z / n;
    ((centre - half) / whole, (centre + half) / whole)
}

/// Newcombe's interval of a difference of two proportions (1998, method 10).
pub fn newcombe(a: u64, n: u64, b: u64, m: u64) -> (f64, f64) {
    let (p, q) = (rate(a, n), rate(b, m));
    let ((p_low, p_high), (q_low, q_high)) = (wilson(a, n), wilson(b, m));
    let below = ((p - p_low).powi(2) + (q_high - q).powi(2)).sqrt();
    let above = ((p_high - p).powi(2) + (q - q_low).powi(2)).sqrt();
    ((p - q - below).max(-1.0), (p - q + above).min(1.0))
}

/// Ratio of two rates and its interval on the logarithmic scale (Katz).
pub fn ratio(a: u64, n: u64, b: u64, m: u64) -> (f64, f64, f64) {
    let ratio = rate(a, n) / rate(b, m);
    let error = (1.0 / a as f64 - 1.0 / n as f64 + 1.0 / b as f64 - 1.0 / m as f64).sqrt();
    (ratio, ratio * (-Z * error).exp(), ratio * (Z * error).exp())
}

fn smallest_expected(a: u64, n: u64, b: u64, m: u64) -> f64 {
    let pooled = (a + b) as f64 / (n + m) as f64;
    let smaller = n.min(m) as f64;
    smaller * pooled.min(1.0 - pooled)
}

/// Two-sided p of the pooled two-proportion z test.
pub fn z_test(a: u64, n: u64, b: u64, m: u64) -> f64 {
    let pooled = (a + b) as f64 / (n + m) as f64;
    let error = (pooled * (1.0 - pooled) * (1.0 / n as f64 + 1.0 / m as f64)).sqrt();
    if error == 0.0 {
        return 1.0;
    }
    let z = (rate(a, n) - rate(b, m)) / error;
    erfc(z.abs() / std::f64::consts::SQRT_2)
}

/// Two-sided p of Fisher's exact test: all tables as unlikely as this one or more.
pub fn fisher(a: u64, n: u64, b: u64, m: u64) -> f64 {
    let converted = a + b;
    let (low, high) = (converted.saturating_sub(m), converted.min(n));
    let log_p = |x: u64| ln_choose(n, x) + ln_choose(m, converted - x) - ln_choose(n + m, converted);
    let observed = log_p(a);
    // A little slack, because equally likely tables differ in the last digits.
    let sum: f64 = (low..=high).map(log_p).filter(|p| *p <= observed + 1e-7).map(f64::exp).sum();
    sum.min(1.0)
}

/// χ² of the arms' sizes against the plan; `None` where there is nothing to compare.
pub fn sample_check(treated: u64, control: u64, control_percent: f64) -> Option<SampleCheck> {
    let total = (treated + control) as f64;
    let share = control_percent / 100.0;
    if total == 0.0 || share <= 0.0 || share >= 1.0 {
        return None;
    }
    let expected = total * share;
    let squares = (control as f64 - expected).powi(2);
    let chi = squares / expected + squares / (total - expected);
    let p_value = erfc((chi / 2.0).sqrt());
    Some(SampleCheck { expected_control: expected, p_value, mismatch: p_value < MISMATCH_P })
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// Exact by summing up to 255, Stirling's series with four terms beyond.
fn ln_factorial(n: u64) -> f64 {
    if n < 256 {
        return (2..=n).map(|k| (k as f64).ln()).sum();
    }
    let x = n as f64 + 1.0;
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// Complementary error function for x ≥ 0: the series of erf where it converges
/// fast, a continued fraction where erfc is small.
pub fn erfc(x: f64) -> f64 {
    if x < 2.5 {
        let (mut term, mut sum, mut k) = (x, x, 0.0);
        while term.abs() > 1e-17 * sum.abs() && k < 200.0 {
            k += 1.0;
            term *= -x * x / k;
            sum += term / (2.0 * k + 1.0);
        }
        return (1.0 - sum * std::f64::consts::FRAC_2_SQRT_PI).clamp(0.0, 1.0);
    }
    let mut fraction = 0.0;
    for k in (1..=80).rev() {
        fraction = f64::from(k) / 2.0 / (x + fraction);
    }
    (-x * x).exp() / ((x + fraction) * std::f64::consts::PI.sqrt())
}
