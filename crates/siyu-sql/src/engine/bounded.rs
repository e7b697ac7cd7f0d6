//! Functions that look at the size of what they are given. A function makes its result at
//! once, before anybody counts its bytes, and a statement can double a text in each of many
//! steps; so each step refuses more than a batch may hold.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringViewBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DataFusionError, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, LogicalPlan, Operator, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};

/// Bytes that one function is given for one batch of rows, and that it makes of them.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// Functions whose types grow with what they are given.
const NESTING: [&str; 6] = ["struct", "named_struct", "row", "map", "make_map", "map_from_arrays"];

/// The plan with functions that mind their sizes.
pub(super) fn bounded(plan: LogicalPlan) -> Result<LogicalPlan> {
    let changed = plan.transform_up_with_subqueries(|node| {
        let mapped = node.map_expressions(|expr| expr.transform_up(replaced))?;
        if mapped.transformed { mapped.map_data(LogicalPlan::recompute_schema) } else { Ok(mapped) }
    });
    Ok(changed?.data)
}

fn replaced(expr: Expr) -> Result<Transformed<Expr>> {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, .. }) if NESTING.contains(&func.name()) => {
            Err(DataFusionError::Plan("structs and maps are not supported".to_owned()))
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if !func.inner().is::<Bounded>() => {
            let func = Arc::new(ScalarUDF::new_from_impl(Bounded(func)));
            Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args })))
        }
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right }) => {
            let func = Arc::new(ScalarUDF::new_from_impl(Joined(Signature::any(2, Volatility::Immutable))));
            Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction { func, args: vec![*left, *right] })))
        }
        other => Ok(Transformed::no(other)),
    }
}

/// Refuses what would be too much of it.
fn check(args: &ScalarFunctionArgs, function: &str) -> Result<()> {
    let given: usize = args.args.iter().map(|arg| bytes(arg, args.number_rows)).sum();
    let made = match function {
        // Every letter may be replaced, by the longest text there is.
        "replace" | "regexp_replace" => {
            let by = args.args.get(2).map_or(0, longest);
            given.saturating_add(args.number_rows).saturating_mul(by.saturating_add(1))
        }
        _ => given,
    };
    if made > BATCH_BYTES_MAX {
        return Err(DataFusionError::ResourcesExhausted(format!("{function} would make too much at once")));
    }
    Ok(())
}

fn bytes(value: &ColumnarValue, rows: usize) -> usize {
    match value {
        ColumnarValue::Scalar(scalar) => scalar.size().saturating_mul(rows.max(1)),
        ColumnarValue::Array(array) => array_bytes(array),
    }
}

fn array_bytes(array: &ArrayRef) -> usize {
    match array.data_type() {
        // Buffers are shared with other batches; what counts are the texts.
        DataType::Utf8View => array.as_string_view().lengths().map(|length| length as usize).sum(),
        _ => array.to_data().get_slice_memory_size().unwrap_or_else(|_| array.get_array_memory_size()),
    }
}

fn longest(value: &ColumnarValue) -> usize {
    match value {
        ColumnarValue::Scalar(scalar) => scalar.size(),
        ColumnarValue::Array(array) => match cast(array, &DataType::Utf8View) {
            Ok(texts) => texts.as_string_view().lengths().max().unwrap_or(0) as usize,
            Err(_) => array_bytes(array),
        },
    }
}

/// A function of the engine's that minds its sizes.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Bounded(Arc<ScalarUDF>);

impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        self.0.inner().schema_name(args)
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.0.inner().return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.0.inner().return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.0.inner().coerce_types(types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        check(&args, self.name())?;
        self.0.inner().invoke_with_args(args)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        // Others become functions that nobody minds.
        match self.name() {
            "now" | "current_date" | "current_time" | "to_timestamp" | "date_trunc" | "coalesce" | "nvl" => {
                self.0.inner().simplify(args, info)
            }
            _ => Ok(ExprSimplifyResult::Original(args)),
        }
    }

    fn short_circuits(&self) -> bool {
        self.0.inner().short_circuits()
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.0.inner().conditional_arguments(args)
    }
}

/// `||` of texts: nothing if either is nothing.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Joined(Signature);

impl ScalarUDFImpl for Joined {
    fn name(&self) -> &str {
        "joined"
    }

    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let names: Vec<String> = args.iter().map(|arg| arg.schema_name().to_string()).collect();
        Ok(names.join(" || "))
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        check(&args, "||")?;
        let rows = args.number_rows;
        let arrays = args.args.iter().map(|arg| Ok(cast(&arg.to_array(rows)?, &DataType::Utf8View)?));
        let arrays: Vec<ArrayRef> = arrays.collect::<Result<_>>()?;
        let [left, right] = arrays.as_slice() else {
            return Err(DataFusionError::Execution("|| joins two texts".to_owned()));
        };
        let mut to = StringViewBuilder::with_capacity(rows);
        let mut text = String::new();
        for (left, right) in left.as_string_view().iter().zip(right.as_string_view()) {
            match left.zip(right) {
                Some((left, right)) => {
                    text.clear();
                    text.push_str(left);
                    text.push_str(right);
                    to.append_value(&text);
                }
                None => to.append_null(),
            }
        }
        Ok(ColumnarValue::Array(Arc::new(to.finish())))
    }
}
