// Types of texts as they are written in a definition. A literal is held against the grammar, and where it breaks it, its type
// becomes a text that says so, which the editor shows in place of "not assignable to string". Everything the compiler does
// not know (`process.env.…`, a composed text) stays a plain string, whose grammar is checked when the definition is loaded:
// that is why these are conditional types, and not templates that would refuse every string.

/** Whether a text is known letter by letter; one with `{{name}}` in it is filled later. */
type IsWritten<Text extends string> =
  {} extends Record<Text, unknown> ? false : Text extends `${string}{{${string}` ? false : true;

/** Without space around it, and with single ones in it. */
type Tidy<Text extends string> = Text extends ` ${infer Rest}`
  ? Tidy<Rest>
  : Text extends `${infer Rest} `
    ? Tidy<Rest>
    : Text extends `${infer Left}  ${infer Right}`
      ? Tidy<`${Left} ${Right}`>
      : Text;

/** `Value` where it is right or not a written text, else what the editor should say. */
type Held<Value, Grammar, Message> = Value extends string
  ? IsWritten<Value> extends false
    ? Value
    : IsRight<Tidy<Value>, Grammar> extends true
      ? Value
      : Message
  : Value;

/** To the compiler a number may have a sign, and space around it. */
type IsRight<Text, Grammar> = Text extends `-${string}`
  ? false
  : Text extends Grammar
    ? true
    : false;

type Milliseconds = `${number}ms`;
type Seconds = Milliseconds | `${number}s${'' | Milliseconds}`;
type Minutes = Seconds | `${number}m${'' | Seconds}`;
type Hours = Minutes | `${number}h${'' | Minutes}`;
type DurationText = `${number}` | Hours | `${number}d${'' | Hours}`;

/** The grammar of `parseDuration`. */
export type WrittenDuration<Value> = Held<
  Value,
  Value extends string ? (Tidy<Value> extends `${string} ${string}` ? never : DurationText) : never,
  'not a duration: write it like 500ms, 10s, 1m30s or 2h'
>;

type AmountText = `${number}${'' | ' '}${'' | 'k' | 'm' | 'b' | 'K' | 'M' | 'B'}` | GroupedText;
/** `1_000`, `1,000`; what is between the groups is left to the run time. */
type GroupedText = `${number}${'_' | ','}${string}`;

/** The grammar of `parseCount`. */
export type WrittenCount<Value> = Held<
  Value,
  AmountText,
  'not a count: write it like 250, 10k, 1.5m or 1_000'
>;

/** The grammar of `parseRate`. */
export type WrittenRate<Value> = Held<
  Value,
  AmountText | `${AmountText}/${'' | ' '}${'s' | 'm' | 'h'}`,
  'not a rate: write it like 2000, 2k, 0.5 or 600/m'
>;

/** A text in the declaration, so that what is wrong with it can be said. */
export type WrittenArrivals<Value> = Held<Value, 'even' | 'poisson', "give 'even' or 'poisson'">;

type Digit = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type StatusText = `${'1' | '2' | '3' | '4' | '5'}${Digit}${Digit}`;
type NotAStatus = "not a status from 100 to 599 or a range of them: write it like 404 or '200-399'";

/** One entry of `success`. */
export type WrittenStatus<Value> = Value extends number
  ? number extends Value
    ? Value
    : `${Value}` extends StatusText
      ? Value
      : NotAStatus
  : Value extends `${infer From}-${infer To}`
    ? IsWritten<Value> extends false
      ? Value
      : [Tidy<From>, Tidy<To>] extends [StatusText, StatusText]
        ? Value
        : NotAStatus
    : Held<Value, StatusText, NotAStatus>;

type Statistic = `p${number}` | 'median' | 'min' | 'mean' | 'avg' | 'max';
type Of<What extends string> = `${What}${'' | ' time'} ${Statistic}`;
type ErrorRate = `error${' ' | '-'}rate`;
/** What there is of one endpoint too. */
type EndpointTimes = Statistic | Of<'latency'>;

/** What a metric is compared with, and how a message calls that; never for a metric that there is not. */
type LimitOf<Metric extends string> = Metric extends
  | EndpointTimes
  | Of<'service' | 'iteration'>
  | `timing ${Statistic}`
  ? [`${number}${'' | ' '}${'us' | 'µs' | 'ms' | 's' | 'm'}`, 'a time such as 50ms']
  : Metric extends 'check' | 'checks' | ErrorRate | `iteration${' ' | '-'}${ErrorRate}`
    ? [`${number}${'' | ' '}%`, 'a share such as 1%']
    : Metric extends 'errors' | 'rps' | 'apdex' | 'iterations' | 'counter'
      ? [`${number}`, 'a plain number']
      : never;

/** What follows the last bracket: names of endpoints and checks may hold brackets and operators. */
type AfterName<Text extends string> = Text extends `${string}]${infer Rest}`
  ? AfterName<Rest>
  : Text;

/** The text without the name of a check, a counter or a timing: `timing p95 < 50ms`. */
type Nameless<Text extends string> = Text extends `${infer Word}[${string}]${string}`
  ? Tidy<Word> extends 'check' | 'checks' | 'counter' | 'timing'
    ? `${Tidy<Word>} ${Tidy<AfterName<Text>>}`
    : Text
  : Text;

/** Metric and the rest; the operators of two letters first, of which the others are a part. */
type Compared<Text extends string> = Text extends `${infer Metric}<=${infer Rest}`
  ? [Tidy<Metric>, Tidy<Rest>]
  : Text extends `${infer Metric}>=${infer Rest}`
    ? [Tidy<Metric>, Tidy<Rest>]
    : Text extends `${infer Metric}<${infer Rest}`
      ? [Tidy<Metric>, Tidy<Rest>]
      : Text extends `${infer Metric}>${infer Rest}`
        ? [Tidy<Metric>, Tidy<Rest>]
        : never;

type WithoutAbort<Text extends string> = Text extends `${infer Rest},${'' | ' '}abort`
  ? Tidy<Rest>
  : Text;
type WithoutWindow<Text extends string> = Text extends `${infer Limit} for ${DurationText}`
  ? Limit
  : Text;

/** What is wrong with a threshold that was taken apart; never if nothing is. */
type FaultOf<Comparison> = [Comparison] extends [never]
  ? 'not a threshold: write it like p99 < 50ms, error rate < 1% or checks > 99%'
  : Comparison extends [infer Metric extends string, infer Rest extends string]
    ? LimitFault<Metric, WithoutWindow<WithoutAbort<Rest>>, LimitOf<Metric>>
    : never;

type LimitFault<Metric extends string, Limit, Right> = [Right] extends [never]
  ? `no metric is called '${Metric}': there are p50 to p99.999, min, mean, max, error rate, errors, rps, apdex, checks, check[name], timing[name] p95, counter[name], iteration p95, iteration error rate and iterations`
  : Right extends [infer Grammar, infer What extends string]
    ? Limit extends `-${string}`
      ? `compare ${Metric} with ${What}`
      : Limit extends Grammar
        ? never
        : `compare ${Metric} with ${What}; only 'for 10s' and ', abort' may follow it`
    : never;

type EndpointFault<Comparison> = Comparison extends [infer Metric, string]
  ? Metric extends EndpointTimes | ErrorRate | 'errors' | 'rps'
    ? FaultOf<Comparison>
    : 'of one endpoint there are latency, error rate, errors and rps'
  : FaultOf<Comparison>;

type ThresholdFault<Text extends string> = Text extends 'none'
  ? never
  : Text extends `[${string}]${string}`
    ? EndpointFault<Compared<AfterName<Text>>>
    : FaultOf<Compared<Nameless<Text>>>;

/** The grammar of `parseThreshold`, or `none`. */
export type WrittenThreshold<Value> = Value extends string
  ? IsWritten<Value> extends false
    ? Value
    : [ThresholdFault<Lowercase<Tidy<Value>>>] extends [never]
      ? Value
      : ThresholdFault<Lowercase<Tidy<Value>>>
  : Value;
