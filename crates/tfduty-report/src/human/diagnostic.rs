//! What miette is given: a diagnostic over several sheets.

use std::{error::Error, fmt};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    NarratableReportHandler, Severity, SourceCode, SourceSpan, SpanContents,
};

use textwrap::{WordSeparator, WordSplitter};

use crate::{HumanOptions, Style};

/// An excerpt with what miette prints around it.
#[derive(Debug)]
pub(crate) struct Sheet {
    /// Name for the head of the box.
    pub(crate) name: String,
    /// Place of the first label in its text: line and column, from 1.
    pub(crate) place: (usize, usize),
    /// Lines with newlines between them. None at the end: there miette would take labels of a later sheet for its own.
    pub(crate) text: String,
    /// Labels in bytes of the text, with what they say.
    pub(crate) labels: Vec<(std::ops::Range<usize>, String)>,
    /// The number to print before each line.
    pub(crate) numbers: Vec<Option<usize>>,
}

impl Sheet {
    /// The number of the first line for miette, which counts up from it. All numbers then have as many digits as the
    /// largest that is to be printed, so that they can be exchanged in place.
    pub(super) fn first_number(&self) -> usize {
        let digits = |number: usize| number.max(1).ilog10();
        let wanted = digits(self.numbers.iter().flatten().copied().max().unwrap_or(1));
        let first = 10_usize.saturating_pow(wanted);
        let last = first + self.numbers.len().saturating_sub(1);
        if digits(last) == wanted { first } else { 10_usize.saturating_pow(wanted + 1) }
    }
}

/// All sheets of one diagnostic. miette knows one text for each diagnostic: here the sheets lie one behind the other, and
/// a span across two of them is refused, so that each gets a box of its own.
#[derive(Debug)]
pub(super) struct Sheets(pub(super) Vec<Sheet>);

impl Sheets {
    /// The sheets with their offsets; a byte lies between two, lest an empty label at the end of one be in the next.
    fn placed(&self) -> impl Iterator<Item = (usize, &Sheet)> {
        self.0.iter().scan(0, |at, sheet| {
            let offset = *at;
            *at += sheet.text.len() + 1;
            Some((offset, sheet))
        })
    }
}

impl SourceCode for Sheets {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset().saturating_add(span.len());
        let (offset, sheet) = self
            .placed()
            .find(|(offset, sheet)| *offset <= span.offset() && end <= offset + sheet.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        // Asked for no lines around a label, miette wants to know what to print in the head of the box.
        let (line, column) = if context_lines_before == 0 { sheet.place } else { (sheet.first_number(), 1) };
        Ok(Box::new(MietteSpanContents::new_named(
            sheet.name.clone(),
            sheet.text.as_bytes(),
            (offset, sheet.text.len()).into(),
            line.saturating_sub(1),
            column.saturating_sub(1),
            sheet.numbers.len(),
        )))
    }
}

/// How text is wrapped: at spaces alone, as addresses, keys and expressions are to be copied whole, though one is longer
/// than a line.
pub(crate) fn wrapping(width: usize) -> textwrap::Options<'static> {
    textwrap::Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

/// One finding for miette.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) code: String,
    pub(super) severity: Severity,
    pub(super) message: String,
    pub(super) help: String,
    pub(super) url: Option<String>,
    pub(super) sheets: Sheets,
}

impl Shown {
    /// The text that miette makes of it; `None` where miette fails.
    pub(super) fn render(&self, options: HumanOptions) -> Option<String> {
        let mut rendered = String::new();
        match options.style {
            Style::Graphical => GraphicalReportHandler::new_themed(theme(options.color))
                .with_width(options.width)
                .with_word_separator(WordSeparator::AsciiSpace)
                .with_word_splitter(WordSplitter::NoHyphenation)
                .with_break_words(false)
                .with_links(options.hyperlinks)
                .with_urls(options.hyperlinks)
                .render_report(&mut rendered, self),
            Style::Narrated => NarratableReportHandler::new().render_report(&mut rendered, self),
        }
        .ok()?;
        Some(rendered)
    }
}

/// Always one of ours: miette's default asks the environment, and takes an empty `NO_COLOR` for a set one.
fn theme(color: bool) -> GraphicalTheme {
    if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        // An empty help would be printed as a bare `help:`.
        if self.help.is_empty() { None } else { Some(Box::new(&self.help)) }
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.url.as_ref().map(|url| Box::new(url) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.sheets.0.is_empty()).then_some(&self.sheets)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.sheets.placed().flat_map(|(offset, sheet)| {
            sheet.labels.iter().enumerate().map(move |(index, (range, text))| {
                let span = SourceSpan::from((offset + range.start, range.len()));
                let text = (!text.is_empty()).then(|| text.clone());
                if index == 0 {
                    LabeledSpan::new_primary_with_span(text, span)
                } else {
                    LabeledSpan::new_with_span(text, span)
                }
            })
        });
        Some(Box::new(labels))
    }
}
