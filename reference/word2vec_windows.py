"""Known mistakes in skipgram and cbow: functions of (center, C, context, tokens, inputVectors, outputVectors, dataset, F)."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, cast

import numpy as np

from grader.trial import Misconception
from reference.mistakes import Answer, rows_of
from reference.word2vec import Array, cbow, negSamplingCostAndGradient, skipgram, softmaxCostAndGradient

CostAndGradients: TypeAlias = tuple[float, Array, Array]


def _on_context(function: Answer, chosen: Callable[[Sequence[str]], Sequence[str]]) -> Answer:
    return lambda center, C, context, *rest: function(center, C, chosen(context), *rest)


def _with_cost_function(function: Answer, cost_function: Answer) -> Answer:
    return lambda *window: function(*window[:-1], cost_function)


def _without_dataset(function: Answer) -> Answer:
    return lambda *window: function(*window[:-2], None, window[-1])


def _negatives_as_many_as_the_window(function: Answer) -> Answer:
    def answer(center: str, C: int, *rest: Any) -> CostAndGradients:
        return cast("CostAndGradients", function(center, C, *rest[:-1], lambda *given: negSamplingCostAndGradient(*given, K=C)))

    return answer


def _last(context: Sequence[str]) -> Sequence[str]:
    return context[-1:]


def _first(context: Sequence[str]) -> Sequence[str]:
    return context[:1]


def _each_once(context: Sequence[str]) -> Sequence[str]:
    return list(dict.fromkeys(context))


def _added(parts: Sequence[CostAndGradients]) -> CostAndGradients:
    costs, gradIn, gradOut = zip(*parts, strict=True)
    return sum(costs), sum(gradIn), sum(gradOut)


def _in_all_rows(function: Answer) -> Answer:
    """With ``gradIn += dv`` in place of ``gradIn[word] += dv``."""

    def answer(*window: Any) -> CostAndGradients:
        cost, gradIn, gradOut = function(*window)
        return cost, np.broadcast_to(gradIn.sum(axis=0), gradIn.shape), gradOut

    return answer


Size: TypeAlias = Callable[[int, Sequence[str]], int]
"""(C, context) -> what is divided by."""


def _words(C: int, context: Sequence[str]) -> int:
    return len(context)


def _window(C: int, context: Sequence[str]) -> int:
    return 2 * C


def _half_window(C: int, context: Sequence[str]) -> int:
    return C


def _skipgram_over(size: Size) -> Answer:
    def answer(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
        cost, gradIn, gradOut = skipgram(center, C, context, *rest)
        n = size(C, context)
        return cost / n, gradIn / n, gradOut / n

    return answer


def _skipgram_gradients_averaged(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = skipgram(center, C, context, *rest)
    return cost, gradIn / len(context), gradOut / len(context)


def _skipgram_averaged(number: int) -> Answer:
    """With one of the three results divided by the number of context words."""
    def answer(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
        results = [*skipgram(center, C, context, *rest)]
        results[number] = results[number] / len(context)
        return results[0], results[1], results[2]

    return answer


def _skipgram_last_of(*numbers: int) -> Answer:
    """With some of the three results those of the last context word alone."""
    def answer(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
        every, last = skipgram(center, C, context, *rest), skipgram(center, C, _last(context), *rest)
        cost, gradIn, gradOut = ((last if i in numbers else every)[i] for i in range(3))
        return cost, gradIn, gradOut

    return answer


def _ones_added(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    """With ``cost += 1`` in place of ``cost += l``."""
    _, gradIn, gradOut = skipgram(center, C, context, *rest)
    return float(len(context)), gradIn, gradOut


def _without_center(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return skipgram(center, C, [word for word in context if word != center], *rest)


def _first_half(function: Answer) -> Answer:
    return lambda center, C, context, *rest: function(center, C, context[:C], *rest)


def _first_2C_minus_1(function: Answer) -> Answer:
    return lambda center, C, context, *rest: function(center, C, context[:2 * C - 1], *rest)


def _all_but_last(context: Sequence[str]) -> Sequence[str]:
    return context[:-1]


def _all_but_first(context: Sequence[str]) -> Sequence[str]:
    return context[1:]


def _center_as_target(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return skipgram(center, C, [center] * len(context), *rest)


def _to_input_vectors(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, outputVectors: Array, *rest: Any
                      ) -> CostAndGradients:
    return skipgram(center, C, context, tokens, inputVectors, inputVectors, *rest)


def _skipgram_to_context(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
    cost, _, gradOut = skipgram(center, C, context, tokens, inputVectors, *rest)
    moved = np.zeros_like(inputVectors)
    for word in context:
        moved[tokens[word]] += skipgram(center, C, [word], tokens, inputVectors, *rest)[1][tokens[center]]
    return cost, moved, gradOut


def _of_output_vectors(function: Answer) -> Answer:
    """With the predicted vector taken from outputVectors."""
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, outputVectors: Array, *rest: Any
               ) -> CostAndGradients:
        return function(center, C, context, tokens, outputVectors, outputVectors, *rest)

    return answer


def _gradients_exchanged(function: Answer) -> Answer:
    def answer(*window: Any) -> CostAndGradients:
        cost, gradIn, gradOut = function(*window)
        return cost, gradOut, gradIn

    return answer


def _skipgram_swapped(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([skipgram(word, C, [center], *rest) for word in context])


def _cbow_over(size: Size, *, divide_gradient: bool) -> Answer:
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
        n = size(C, context)
        cost, gradIn, gradOut = cbow(center, C, context, tokens, inputVectors / n, *rest)
        return cost, gradIn / n if divide_gradient else gradIn, gradOut

    return answer


def _aliased(*window: Any) -> CostAndGradients:
    """With ``gradIn = gradOut = np.zeros(...)``, one array under two names."""
    cost, gradIn, gradOut = skipgram(*window)
    return cost, gradIn + gradOut, gradIn + gradOut


def _target_rows_only(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = skipgram(center, C, context, tokens, *rest)
    made = np.zeros_like(gradOut)
    for word in context:
        made[tokens[word]] += skipgram(center, C, [word], tokens, *rest)[2][tokens[word]]
    return cost, gradIn, made


def _with_center(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return skipgram(center, C, [*context, center], *rest)


def _cbow_with_center(*, given: bool) -> Answer:
    """The center word's vector in the sum, and the gradient given to it as well or not."""
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
        cost, gradIn, gradOut = cbow(center, C, [*context, center], tokens, *rest)
        if not given:
            gradIn[tokens[center]] -= cbow(center, C, [*context, center], tokens, *rest)[1].sum(axis=0) / (len(context) + 1)
        return cost, gradIn, gradOut

    return answer


def _cbow_center_alone(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, [center], tokens, *rest)
    return cost, _given_to_each(gradIn, context, tokens), gradOut


def _given_to_each(gradIn: Array, context: Sequence[str], tokens: Any) -> Array:
    """The gradient of the vector predicted from, in the row of each context word, once per occurrence."""
    given = np.zeros_like(gradIn)
    np.add.at(given, [tokens[word] for word in context], gradIn.sum(axis=0))
    return given


def _cbow_last_vector(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
    """The last word's vector alone is predicted from, and all context words get its gradient."""
    cost, gradIn, gradOut = cbow(center, C, _last(context), tokens, inputVectors, *rest)
    return cost, _given_to_each(gradIn, context, tokens), gradOut


def _cbow_in_place(center: str, C: int, context: Sequence[str], tokens: Any, inputVectors: Array, *rest: Any) -> CostAndGradients:
    """With ``vhat = inputVectors[first]; vhat += ...``, which is a view: the first word's vector grows while it is added to."""
    vectors = inputVectors.copy()
    vhat = vectors[tokens[context[0]]]
    for word in context[1:]:
        vhat += vectors[tokens[word]]
    cost, gradIn, gradOut = cbow(center, C, [context[0]], tokens, vectors, *rest)
    return cost, _given_to_each(gradIn, context, tokens), gradOut


def _cbow_gradient_divided(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, *rest)
    return cost, gradIn / len(context), gradOut


def _cbow_cost_averaged(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, *rest)
    return cost / len(context), gradIn, gradOut


def _cbow_one_by_one(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([cbow(center, C, [word], *rest) for word in context])


def _cbow_own_target(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([cbow(word, C, [word], *rest) for word in context])


def _cbow_context_as_target(center: str, C: int, context: Sequence[str], *rest: Any) -> CostAndGradients:
    return _added([cbow(word, C, context, *rest) for word in context])


def _cbow_predicts(number: int) -> Answer:
    """With one of the context words as the target."""
    return lambda center, C, context, *rest: cbow(context[number], C, context, *rest)


def _cbow_gradient_to_last(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, tokens, *rest)
    return cost, _given_to_each(gradIn / len(context), _last(context), tokens), gradOut


def _cbow_repeats_overwritten(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
    cost, gradIn, gradOut = cbow(center, C, context, tokens, *rest)
    for word, count in Counter(context).items():
        gradIn[tokens[word]] /= count
    return cost, gradIn, gradOut


def _cbow_to_center(*, once: bool) -> Answer:
    """The gradient given to the center word, once or once for each context word."""
    def answer(center: str, C: int, context: Sequence[str], tokens: Any, *rest: Any) -> CostAndGradients:
        cost, gradIn, gradOut = cbow(center, C, context, tokens, *rest)
        moved = np.zeros_like(gradIn)
        moved[tokens[center]] = gradIn.sum(axis=0) / (len(context) if once else 1)
        return cost, moved, gradOut

    return answer


_NO_DATASET = "You called the cost function without the dataset: negative sampling draws its words from it."
_DATASET = "Hand the dataset that you were given on to word2vecCostAndGradient, as its last argument."

WINDOWS: tuple[Misconception, ...] = (
    *rows_of(
        "skipgram",
        ("always_softmax", "You called softmaxCostAndGradient, though another cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(skipgram, softmaxCostAndGradient)),
        ("always_negative_sampling", "You called negSamplingCostAndGradient, though another cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(skipgram, negSamplingCostAndGradient)),
        ("always_negative_sampling_C", "You called negSamplingCostAndGradient with K = C, though another cost function was passed.",
         "Call word2vecCostAndGradient, the argument, and leave K to it.", _negatives_as_many_as_the_window(skipgram)),
        ("dataset_lost", _NO_DATASET, _DATASET, _without_dataset(skipgram)),
        ("last_word_only", "You returned the cost and gradients of the last context word alone.",
         "Add them up with += in the loop.", _on_context(skipgram, _last)),
        ("first_word_only", "You returned the cost and gradients of the first context word alone.",
         "Return after the loop over contextWords, not in it.", _on_context(skipgram, _first)),
        ("gradients_of_last_word", "You added up the costs, but returned the gradients of the last context word alone.",
         "Add the gradients up too, with +=.", _skipgram_last_of(1, 2)),
        ("mean_over_context", "You divided by the number of context words; the handout sums over them.",
         "Leave out the division.", _skipgram_over(_words)),
        ("mean_gradients", "You divided the gradients by the number of context words, but not the cost; the handout sums over them.",
         "Leave out the division.", _skipgram_gradients_averaged),
        ("cost_averaged", "You divided the cost by the number of context words, but not the gradients; the handout sums over them.",
         "Leave out the division.", _skipgram_averaged(0)),
        ("gradIn_averaged", "You divided gradIn by the number of context words; the handout sums over them.",
         "Leave out the division.", _skipgram_averaged(1)),
        ("gradOut_averaged", "You divided gradOut by the number of context words; the handout sums over them.",
         "Leave out the division.", _skipgram_averaged(2)),
        ("repeats_dropped", "You counted a context word that occurs several times once.",
         "Loop over contextWords as it is, without set().", _on_context(skipgram, _each_once)),
        ("gradient_in_all_rows", "You added the gradient of v_c to every row of gradIn; all rows but the center word's stay zero.",
         "Write gradIn[c] += ..., with c the center word's index.", _in_all_rows(skipgram)),
        ("ones_added", "You added 1 to the cost for each context word; what the cost function returns belongs there.",
         "Look for a 1 where an l was meant: cost += ...", _ones_added),
        ("cost_of_last_word", "You returned the cost of the last context word alone.", "Add the costs up with +=.", _skipgram_last_of(0)),
        ("gradIn_of_last_word", "You returned gradIn of the last context word alone.", "Add up with gradIn[c] +=.", _skipgram_last_of(1)),
        ("gradOut_of_last_word", "You returned gradOut of the last context word alone.", "Add up with gradOut +=.", _skipgram_last_of(2)),
        ("center_skipped", "You left out the context words that are the center word itself.",
         "Loop over contextWords as it is.", _without_center),
        ("first_half", "You used the first C context words; there are up to 2C of them.", "Loop over contextWords as it is.",
         _first_half(skipgram)),
        ("divided_by_window", "You divided by 2C; the handout sums over the context words.", "Leave out the division.",
         _skipgram_over(_window)),
        ("gradient_to_context", "You added the gradients to the context words' rows of gradIn; they belong to the center word's.",
         "Write gradIn[c] += ..., with c the center word's index.", _skipgram_to_context),
        ("output_vectors", "You took the center word's vector from outputVectors.",
         "Take it from inputVectors.", _of_output_vectors(skipgram)),
        ("exchanged", "You returned gradIn and gradOut in each other's place.",
         "Return cost, gradIn, gradOut.", _gradients_exchanged(skipgram)),
        ("last_left_out", "You left out the last context word.", "Loop over contextWords as it is.", _on_context(skipgram, _all_but_last)),
        ("first_left_out", "You left out the first context word.", "Loop over contextWords as it is.",
         _on_context(skipgram, _all_but_first)),
        ("window_one_short", "You used the first 2C - 1 context words; there are up to 2C of them.", "Loop over contextWords as it is.",
         _first_2C_minus_1(skipgram)),
        ("center_as_target", "You made the center word the target; skip-gram predicts each context word.",
         "Pass the context word's index as target.", _center_as_target),
        ("to_input_vectors", "You passed inputVectors to the cost function in place of outputVectors.",
         "Pass the center word's row of inputVectors as predicted, and outputVectors.", _to_input_vectors),
        ("swapped", "You swapped center and context: the center word's vector predicts each context word.",
         "Pass inputVectors[center] as predicted, and the context word's index as target.", _skipgram_swapped),
        ("one_array", "Your gradIn and gradOut are one array under two names: each holds the sum of both.",
         "Write np.zeros(...) twice; gradIn = gradOut = np.zeros(...) makes one array.", _aliased),
        ("target_rows_only", "Of the gradient of U that the cost function returns you added the target's row alone; all its rows count.",
         "Write gradOut += grad, without an index.", _target_rows_only),
        ("center_too", "You counted the center word as a context word as well.", "Loop over contextWords alone.", _with_center),
    ),
    *rows_of(
        "cbow",
        ("mean_for_sum", "You predicted from the mean of the context vectors; the handout has their sum.",
         "Leave out the division by the number of context words.", _cbow_over(_words, divide_gradient=True)),
        ("mean_for_sum_gradient_of_sum",
         "You predicted from the mean of the context vectors, with the gradient for their sum; the handout has the sum.",
         "Leave out the division by the number of context words.", _cbow_over(_words, divide_gradient=False)),
        ("gradient_divided", "You divided the gradient among the context words; each of them gets all of it.",
         "Leave out the division by the number of context words.", _cbow_gradient_divided),
        ("cost_averaged", "You divided the cost by the number of context words; CBOW has one prediction, and one cost.",
         "Leave out the division.", _cbow_cost_averaged),
        ("last_word_only", "You predicted from the last context word alone; the handout has the sum of all context vectors.",
         "Add the context vectors up with += before calling the cost function.", _on_context(cbow, _last)),
        ("last_vector_only", "You predicted from the last context word's vector alone; the handout has the sum of all context vectors.",
         "Add the context vectors up with += before calling the cost function.", _cbow_last_vector),
        ("in_place", "You added the context vectors up inside inputVectors: vhat = inputVectors[k] is a view of it, and += changes it.",
         "Begin with vhat = np.zeros(D), or with a copy.", _cbow_in_place),
        ("divided_by_window", "You divided by 2C; the handout sums over the context words.", "Leave out the division.",
         _cbow_over(_window, divide_gradient=True)),
        ("divided_by_window_gradient_of_sum", "You divided by 2C; the handout sums over the context words.", "Leave out the division.",
         _cbow_over(_window, divide_gradient=False)),
        ("divided_by_C", "You divided by C; the handout sums over the context words.", "Leave out the division.",
         _cbow_over(_half_window, divide_gradient=True)),
        ("divided_by_C_gradient_of_sum", "You divided by C; the handout sums over the context words.", "Leave out the division.",
         _cbow_over(_half_window, divide_gradient=False)),
        ("output_vectors", "You took the context vectors from outputVectors.", "Take them from inputVectors.", _of_output_vectors(cbow)),
        ("exchanged", "You returned gradIn and gradOut in each other's place.",
         "Return cost, gradIn, gradOut.", _gradients_exchanged(cbow)),
        ("one_by_one", "You called the cost function for each context word; CBOW calls it once, with the sum of their vectors.",
         "Add the context vectors up first, then call the cost function once.", _cbow_one_by_one),
        ("own_target", "You let each context word predict itself; CBOW predicts the center word, once, from the sum of their vectors.",
         "Add the context vectors up first, then call the cost function once, with the center word's index as target.", _cbow_own_target),
        ("context_as_target", "You made the context words the targets; CBOW predicts the center word.",
         "Pass the center word's index as target, once.", _cbow_context_as_target),
        ("first_word_as_target", "You made the first context word the target; CBOW predicts the center word.",
         "Pass the center word's index as target.", _cbow_predicts(0)),
        ("last_word_as_target", "You made the last context word the target; CBOW predicts the center word.",
         "Pass the center word's index as target.", _cbow_predicts(-1)),
        ("gradient_to_last", "You gave the gradient to the last context word alone; each of them gets it.",
         "Add it to gradIn at each context word's index, in the loop.", _cbow_gradient_to_last),
        ("skipgram", "You computed skip-gram; CBOW predicts the center word from the sum of the context vectors.",
         "Pass the sum of the context vectors as predicted, and the center word's index as target.", skipgram),
        ("repeats_dropped", "You counted a context word that occurs several times once.",
         "Loop over contextWords as it is, without set().", _on_context(cbow, _each_once)),
        ("repeats_overwritten", "A context word that occurs several times gets its gradient once; it gets it once per occurrence.",
         "Add to gradIn[k] in a loop, or with np.add.at; gradIn[indices] += ... counts repeats once.", _cbow_repeats_overwritten),
        ("gradient_in_all_rows", "You added the gradient to every row of gradIn; rows of words outside the context stay zero.",
         "Add it to the rows of the context words only.", _in_all_rows(cbow)),
        ("gradient_to_center", "You gave the gradient to the center word; the context words' vectors were used.",
         "Add it to gradIn at each context word's index.", _cbow_to_center(once=True)),
        ("gradients_to_center", "You gave the gradients to the center word; the context words' vectors were used.",
         "Add it to gradIn at each context word's index.", _cbow_to_center(once=False)),
        ("center_too", "You added the center word's vector to the sum of the context vectors.", "Sum over contextWords alone.",
         _cbow_with_center(given=True)),
        ("center_too_without_gradient", "You added the center word's vector to the sum, but gave the gradient to the context words alone.",
         "Sum over contextWords alone.", _cbow_with_center(given=False)),
        ("center_alone", "You predicted from the center word's vector; CBOW predicts from the sum of the context vectors.",
         "Add up inputVectors[tokens[word]] over contextWords, and pass the sum as predicted.", _cbow_center_alone),
        ("first_half", "You used the first C context words; there are up to 2C of them.", "Loop over contextWords as it is.",
         _first_half(cbow)),
        ("window_one_short", "You used the first 2C - 1 context words; there are up to 2C of them.", "Loop over contextWords as it is.",
         _first_2C_minus_1(cbow)),
        ("last_left_out", "You left out the last context word.", "Loop over contextWords as it is.", _on_context(cbow, _all_but_last)),
        ("first_left_out", "You left out the first context word.", "Loop over contextWords as it is.",
         _on_context(cbow, _all_but_first)),
        ("always_softmax", "You called softmaxCostAndGradient, though another cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(cbow, softmaxCostAndGradient)),
        ("always_negative_sampling", "You called negSamplingCostAndGradient, though another cost function was passed.",
         "Call word2vecCostAndGradient, the argument.", _with_cost_function(cbow, negSamplingCostAndGradient)),
        ("always_negative_sampling_C", "You called negSamplingCostAndGradient with K = C, though another cost function was passed.",
         "Call word2vecCostAndGradient, the argument, and leave K to it.", _negatives_as_many_as_the_window(cbow)),
        ("dataset_lost", _NO_DATASET, _DATASET, _without_dataset(cbow)),
    ),
)
