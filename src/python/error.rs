//! The one map from errors to Python exceptions.

use pyo3::exceptions::{
    PyArithmeticError, PyKeyboardInterrupt, PyMemoryError, PyOverflowError, PyValueError,
};
use pyo3::{PyErr, create_exception};

use crate::Error;

create_exception!(
    topolens,
    NumericalError,
    PyArithmeticError,
    "Numbers of this input cannot be computed with confidence."
);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Invalid { .. } => PyValueError::new_err(message),
            Error::TooLarge { .. } | Error::OutOfMemory { .. } => PyMemoryError::new_err(message),
            Error::Overflow { .. } => PyOverflowError::new_err(message),
            Error::Numerical(_) => NumericalError::new_err(message),
            Error::Cancelled => PyKeyboardInterrupt::new_err(message),
        }
    }
}
