//! The one error type of the crate.

/// Everything that can go wrong in a kernel.
///
/// Each variant names what the caller can change, so that a message needs no
/// knowledge of the kernel to be understood.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument breaks its rule.
    #[error("`{argument}` must {expected}; found {found}{}{}", position(.index), way_out(.advice))]
    Invalid {
        /// Name of the argument as the caller knows it.
        argument: &'static str,
        /// The rule, as it follows "must".
        expected: String,
        /// The offending value.
        found: String,
        /// Where in the argument it stands.
        index: Vec<usize>,
        /// What to do about it, where the rule does not say so.
        advice: &'static str,
    },
    /// The job would take more memory than it may.
    #[error("{job} needs about {} of memory, {} are allowed; {advice}", bytes(*.needed), bytes(*.allowed))]
    TooLarge {
        /// What was asked for.
        job: String,
        /// Estimate in bytes.
        needed: u64,
        /// Limit in bytes.
        allowed: u64,
        /// What would fit.
        advice: String,
    },
    /// The job has come to take more memory than it may, or than there is.
    #[error("{job} needs at least {} of memory, {}; {advice}", bytes(*.needed), limit(.allowed))]
    OutOfMemory {
        /// What was asked for.
        job: String,
        /// What it had taken, in bytes, with what it asked for next.
        needed: u64,
        /// Limit in bytes, or nothing where the system gives no more.
        allowed: Option<u64>,
        /// What would take less.
        advice: String,
    },
    /// Numbers of this size cannot be represented.
    #[error("`{argument}` is too large here: {reason}")]
    Overflow {
        /// Name of the argument.
        argument: &'static str,
        /// What overflows, and the largest value that would do.
        reason: String,
    },
    /// Numbers of this input cannot be computed with confidence.
    #[error("{0}")]
    Numerical(String),
    /// The caller asked the kernel to stop.
    #[error("cancelled")]
    Cancelled,
}

/// Result of a kernel.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An argument that breaks its rule as a whole.
    pub fn invalid(
        argument: &'static str,
        expected: impl Into<String>,
        found: impl ToString,
    ) -> Self {
        Self::invalid_at(argument, expected, found, [])
    }

    /// An argument with one entry that breaks its rule.
    pub fn invalid_at(
        argument: &'static str,
        expected: impl Into<String>,
        found: impl ToString,
        index: impl Into<Vec<usize>>,
    ) -> Self {
        Self::Invalid {
            argument,
            expected: expected.into(),
            found: found.to_string(),
            index: index.into(),
            advice: "",
        }
    }

    /// The same error with what to do about it.
    pub(crate) fn with_advice(mut self, what: &'static str) -> Self {
        if let Self::Invalid { advice, .. } = &mut self {
            *advice = what;
        }
        self
    }
}

fn limit(allowed: &Option<u64>) -> String {
    match allowed {
        Some(allowed) => format!("{} are allowed", bytes(*allowed)),
        None => "which the system does not give".into(),
    }
}

fn way_out(advice: &str) -> String {
    if advice.is_empty() { String::new() } else { format!(": {advice}") }
}

fn position(index: &[usize]) -> String {
    if index.is_empty() { String::new() } else { format!(" at {index:?}") }
}

/// A number of bytes for people: three digits and a unit.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = if unit == 0 || value >= 99.95 {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    format!("{value:.decimals$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_argument_rule_value_and_place() {
        let error = Error::invalid_at("X", "be finite", f64::NAN, [17, 3]);
        assert_eq!(error.to_string(), "`X` must be finite; found NaN at [17, 3]");
        let error = error.with_advice("drop the row");
        assert_eq!(error.to_string(), "`X` must be finite; found NaN at [17, 3]: drop the row");
    }

    #[test]
    fn byte_counts_have_three_digits() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(12_345), "12.3 kB");
        assert_eq!(bytes(20_000_000_000), "20.0 GB");
    }
}
