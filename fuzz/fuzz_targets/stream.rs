//! A client's bytes, from its CONNECT on, as the broker reads them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| broker::fuzzing::stream(bytes));
