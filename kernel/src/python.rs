//! The border to Python. Nothing here computes; Python's lock is released while the rest does.

#![allow(clippy::needless_pass_by_value)] // PyO3 makes the arguments

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::{Batch, Depth, PAIR, Power, Question, Refusal};

/// (number of the ballot from 0, kind, line, level): see `Kind`.
type Refused = (usize, u8, usize, usize);
/// Trackers, credentials, ciphertexts, product: see `Batch`.
type Checked = (Vec<String>, Vec<[u8; 32]>, Vec<[u8; PAIR]>, Vec<[u8; PAIR]>);

#[derive(IntoPyObject)]
enum Outcome {
    Checked(Checked),
    Refused(Refused),
}

#[pyclass(frozen)]
struct Session(crate::Session);

#[pymethods]
impl Session {
    /// Of each question: (levels, least sum, greatest sum).
    #[new]
    fn new(
        uuid: &str,
        phi: &str,
        key: [u8; 32],
        questions: Vec<(usize, u32, u32)>,
        limit: usize,
    ) -> PyResult<Self> {
        let question = |(levels, low, high)| Question { levels, low, high };
        let questions = questions.into_iter().map(question).collect();
        crate::Session::new(uuid, phi, &key, questions, limit).map(Self).ok_or_else(refused_input)
    }

    /// Every check of each ballot, and their product; or the first refusal.
    fn check(&self, py: Python<'_>, ballots: Vec<PyBackedBytes>) -> Outcome {
        py.detach(|| self.0.batch(&ballots, Depth::Check)).into()
    }

    /// The same without the proofs of the choices.
    fn decode(&self, py: Python<'_>, ballots: Vec<PyBackedBytes>) -> Outcome {
        py.detach(|| self.0.batch(&ballots, Depth::Decode)).into()
    }
}

impl From<Result<Batch, (usize, Refusal)>> for Outcome {
    fn from(judged: Result<Batch, (usize, Refusal)>) -> Self {
        match judged {
            Ok(batch) => {
                Self::Checked((batch.trackers, batch.credentials, batch.ciphertexts, batch.product))
            }
            Err((number, refusal)) => {
                Self::Refused((number, refusal.kind as u8, refusal.line, refusal.level))
            }
        }
    }
}

fn refused_input() -> PyErr {
    PyValueError::new_err("phieukin_kernel: not the operands that this operation takes")
}

/// See `crate::products`.
#[pyfunction]
fn products(py: Python<'_>, rows: Vec<Vec<Power>>) -> PyResult<Vec<[u8; 32]>> {
    py.detach(|| crate::products(&rows)).ok_or_else(refused_input)
}

/// See `crate::multiply`.
#[pyfunction]
fn multiply(py: Python<'_>, rows: Vec<PyBackedBytes>) -> PyResult<Vec<[u8; 32]>> {
    py.detach(|| crate::multiply(&rows)).ok_or_else(refused_input)
}

/// See `crate::is_element`.
#[pyfunction]
fn is_element(raw: [u8; 32], identity: bool) -> bool {
    crate::is_element(&raw, identity)
}

#[pymodule]
mod phieukin_kernel {
    #[pymodule_export]
    use super::{Session, is_element, multiply, products};

    /// Python uses the kernel only if this is the number it expects: another version's border
    /// may differ.
    #[pymodule_export]
    const INTERFACE: u32 = 1;

    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
