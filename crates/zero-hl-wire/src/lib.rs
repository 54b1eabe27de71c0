//! The venue wire: public data over WebSocket and REST, with its rate budget.
