//! Tearsheets: self-contained HTML with SVG plots.
