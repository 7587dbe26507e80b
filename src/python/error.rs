//! The one map from errors to Python exceptions.

use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyMemoryError, PyOverflowError, PyValueError};

use crate::Error;

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Invalid { .. } => PyValueError::new_err(message),
            Error::TooLarge { .. } => PyMemoryError::new_err(message),
            Error::Overflow { .. } => PyOverflowError::new_err(message),
            Error::Cancelled => PyKeyboardInterrupt::new_err(message),
        }
    }
}
