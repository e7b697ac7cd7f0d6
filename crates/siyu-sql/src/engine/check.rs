//! Which statements are answered: one that reads. Everything else is refused, by what may
//! pass rather than by what may not.

use datafusion::common::DataFusionError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::Statement as Ast;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::ParserError;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};
use siyu_types::{Error, ErrorCode, Result};

use super::fault;

/// Nesting of a statement.
pub const NESTING_MAX: usize = 50;

/// Operators of a statement. Those beside each other are no nesting to the parser, but to the planner,
/// whose time grows with their square: of 2,000 it takes a second, of 10,000 minutes, in which nothing
/// can stop it.
pub const OPERATORS_MAX: usize = 2_000;

/// The one statement of a text.
pub(super) fn parse(text: &str) -> Result<Statement> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, text).tokenize();
    let tokens = tokens
        .map_err(|error| fault::told(&DataFusionError::SQL(Box::new(ParserError::from(error)), None)))?;
    if tokens.iter().filter(|token| is_operator(token)).count() > OPERATORS_MAX {
        return Err(Error::new(ErrorCode::TooComplex, "the statement has too many operators")
            .with("limit", OPERATORS_MAX.to_string())
            .at("sql"));
    }
    let parser =
        DFParserBuilder::new(text).with_dialect(&PostgreSqlDialect {}).with_recursion_limit(NESTING_MAX);
    let parsed = parser.build().and_then(|mut parser| parser.parse_statements());
    let mut statements = parsed.map_err(|error| fault::told(&error))?;
    let first = statements.pop_front().ok_or_else(|| Error::invalid("sql", "is empty"))?;
    if !statements.is_empty() {
        return Err(Error::new(ErrorCode::SqlRefused, "only one statement at a time").at("sql"));
    }
    reads(&first)?;
    Ok(first)
}

/// Whether a token combines what stands beside it: whatever is no name, value, list or bracket.
fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR),
        Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::DoubleColon
        | Token::Eq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::Arrow
        | Token::LongArrow
        | Token::Ampersand
        | Token::Pipe
        | Token::Caret
        | Token::ShiftLeft
        | Token::ShiftRight
        | Token::ExclamationMark
        | Token::Tilde
        | Token::Sharp => true,
        _ => false,
    }
}

/// Whether the text of a statement says that it reads.
fn reads(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Statement(ast) => match &**ast {
            Ast::Query(_) => Ok(()),
            Ast::Explain { statement, .. } if matches!(**statement, Ast::Query(_)) => Ok(()),
            _ => Err(refused()),
        },
        Statement::Explain(explain) => reads(&explain.statement),
        _ => Err(refused()),
    }
}

fn refused() -> Error {
    Error::new(ErrorCode::SqlRefused, "only statements that read are answered").at("sql")
}

/// Passes if every part of a plan, subqueries included, reads.
pub(super) fn allowed(plan: &LogicalPlan) -> Result<()> {
    let mut passes = true;
    let walked = plan.apply_with_subqueries(|node| {
        passes &= matches!(
            node,
            LogicalPlan::Projection(_)
                | LogicalPlan::Filter(_)
                | LogicalPlan::Window(_)
                | LogicalPlan::Aggregate(_)
                | LogicalPlan::Sort(_)
                | LogicalPlan::Join(_)
                | LogicalPlan::Repartition(_)
                | LogicalPlan::Union(_)
                | LogicalPlan::TableScan(_)
                | LogicalPlan::EmptyRelation(_)
                | LogicalPlan::Subquery(_)
                | LogicalPlan::SubqueryAlias(_)
                | LogicalPlan::Limit(_)
                | LogicalPlan::Values(_)
                | LogicalPlan::Explain(_)
                | LogicalPlan::Analyze(_)
                | LogicalPlan::Distinct(_)
                | LogicalPlan::Unnest(_)
                | LogicalPlan::RecursiveQuery(_)
        );
        Ok(if passes { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    walked.map_err(|error| fault::told(&error))?;
    if passes { Ok(()) } else { Err(refused()) }
}
