"""Each known mistake, handed in: which items it loses, with what share, and that it is called by its name.

No process is started: the mistake's own function answers the questions that the rubric's checks plan.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from grader.core.observation import Returned
from grader.core.reason import Reason
from grader.course import load_assignment
from grader.trial import Trial, materialise

ASSIGNMENT = load_assignment(Path(__file__).parents[2], "cs224n_a1")
MISTAKES = {(m.function, m.id): m for m in ASSIGNMENT.oracle.misconceptions}
SEEDS = (0, 1, 2)  # any others will do: 100 of them gave the same table

# what a plain function cannot show: printed text, recorded calls, changed arguments
SHOWN_ELSEWHERE = ("gradcheck", "steps", "purity")

SOFTMAX = "softmax.values softmax.shift softmax.rows softmax.probabilities softmax.stability"
NEGATIVES = "negsampling.cost negsampling.predicted negsampling.outputs negsampling.repeats negsampling.target"
# the right gradients of the cost of other words; repeats are right where there can be any
OWN_SAMPLES = "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target"
ROWS_OF_U = "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.repeats negsampling.target"
AVERAGED = "negsampling.cost:1/2 negsampling.predicted:1/2 negsampling.outputs:1/2"
WORD_GRADIENTS = "softmaxcost.predicted softmaxcost.outputs"

LOSES = {
    ("softmax", "columns"): SOFTMAX,
    ("softmax", "whole_matrix"): SOFTMAX,
    ("softmax", "negative_exponent"): "softmax.values softmax.stability",
    ("softmax", "column_maximum"): "softmax.values softmax.shift softmax.rows softmax.stability",
    ("softmax", "logarithm"): "softmax.values softmax.probabilities softmax.stability",
    ("softmax", "not_divided"): "softmax.values softmax.shift softmax.probabilities softmax.stability",
    ("softmax", "not_divided_shifted"): "softmax.values softmax.probabilities softmax.stability",
    ("softmax", "no_exponential"): "softmax.values softmax.stability",
    ("sigmoid", "tanh"): "sigmoid.values sigmoid.stability",
    ("sigmoid", "negative_exponent"): "sigmoid.values sigmoid.stability",
    ("sigmoid_grad", "of_x"): "sigmoid_grad.values",
    ("sigmoid_grad", "sign"): "sigmoid_grad.values",
    ("sigmoid_grad", "plus"): "sigmoid_grad.values",
    ("sigmoid_grad", "of_tanh"): "sigmoid_grad.values",
    ("sigmoid_grad", "one_minus_s"): "sigmoid_grad.values",
    ("normalizeRows", "no_root"): "normalize.values",
    ("normalizeRows", "sign_lost"): "normalize.values",
    ("normalizeRows", "L1"): "normalize.values",
    ("normalizeRows", "matrix_norm"): "normalize.values",
    ("normalizeRows", "columns"): "normalize.values",
    ("normalizeRows", "z_score"): "normalize.values",
    ("normalizeRows", "mean"): "normalize.values",
    ("normalizeRows", "sum"): "normalize.values",
    ("normalizeRows", "maximum"): "normalize.values",
    ("normalizeRows", "column_maximum"): "normalize.values",
    ("normalizeRows", "sign_of_first_lost"): "normalize.values",
    ("forward_backward_prop", "mean_over_N"): "neural.cost:1/2 neural.gradient:1/2",
    ("forward_backward_prop", "mean_gradient"): "neural.gradient:1/2",
    ("forward_backward_prop", "sigmoid_output_binary"): "neural.delta neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "sigmoid_output"): "neural.delta neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "sigmoid_output_consistent"): "neural.delta neural.cost neural.gradient:1/2",
    # W2 and b2 are right, two blocks of four
    ("forward_backward_prop", "slope_of_z"): "neural.gradient:1/2",
    ("forward_backward_prop", "slope_of_sigmoid_of_h"): "neural.gradient:1/2",
    ("forward_backward_prop", "slope_twice"): "neural.gradient:1/2",
    ("forward_backward_prop", "no_activation_slope"): "neural.gradient:1/2",
    # yhat - y is right for what theta is, and so is the way back
    ("forward_backward_prop", "no_b1"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "no_b2"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "tanh_layer"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "relu_layer"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "linear_layer"): "neural.cost neural.gradient:1/2",
    # W2 and b2 are right for that layer, two blocks of four
    ("forward_backward_prop", "activation_left_out"): "neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "tanh_with_slope_of_sigmoid"): "neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "b1_without_slope"): "neural.gradient:3/4",
    ("forward_backward_prop", "mean_of_entries"): "neural.cost",
    ("forward_backward_prop", "squared_error"): "neural.cost",
    ("forward_backward_prop", "binary_cost"): "neural.cost",
    ("forward_backward_prop", "softmax_twice"): "neural.cost",
    ("forward_backward_prop", "sign_of_cost"): "neural.cost",
    ("forward_backward_prop", "sign_of_both"): "neural.delta neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "sign_of_gradient"): "neural.delta neural.gradient:1/2",
    # half for the one mistake, half of that for the mean
    ("forward_backward_prop", "sigmoid_output_binary_mean"): "neural.delta neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "sigmoid_output_mean"): "neural.delta neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "relu_layer_mean"): "neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "tanh_layer_mean"): "neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "sign_of_both_mean"): "neural.delta neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "sigmoid_before_softmax"): "neural.delta neural.cost neural.gradient:1/2",
    ("softmaxCostAndGradient", "no_minus_one"): WORD_GRADIENTS,
    ("softmaxCostAndGradient", "plus_y"): WORD_GRADIENTS,
    ("softmaxCostAndGradient", "sign_of_cost"): "softmaxcost.cost",
    ("softmaxCostAndGradient", "sign_of_both"): f"softmaxcost.cost {WORD_GRADIENTS}",
    ("softmaxCostAndGradient", "sign_of_gradients"): WORD_GRADIENTS,
    ("softmaxCostAndGradient", "target_only"): WORD_GRADIENTS,
    ("softmaxCostAndGradient", "sigmoid"): f"softmaxcost.cost {WORD_GRADIENTS}",
    ("softmaxCostAndGradient", "summed_to_a_number"): "softmaxcost.predicted",
    ("softmaxCostAndGradient", "no_log"): "softmaxcost.cost",
    ("softmaxCostAndGradient", "all_words"): "softmaxcost.cost",
    ("negSamplingCostAndGradient", "repeats_dropped"): "negsampling.repeats",
    ("negSamplingCostAndGradient", "repeats_overwritten"): "negsampling.repeats",
    ("negSamplingCostAndGradient", "target_kept"): "negsampling.target",
    ("negSamplingCostAndGradient", "drawn_again_once"): "negsampling.target",
    ("negSamplingCostAndGradient", "target_skipped"): "negsampling.target",
    ("negSamplingCostAndGradient", "drawn_anew"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "drawn_anew_as_drawn"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "computed_twice"): NEGATIVES,
    ("negSamplingCostAndGradient", "K_ignored"): "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target",
    ("negSamplingCostAndGradient", "drawn_twice"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "negatives_as_positives"): NEGATIVES,
    ("negSamplingCostAndGradient", "sign_of_negative_costs"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "sign_of_negatives"): NEGATIVES,
    ("negSamplingCostAndGradient", "sign_of_negative_slopes"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "minus_lost"): NEGATIVES,
    ("negSamplingCostAndGradient", "sigma_for_one_minus_sigma"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "log_forgotten"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "log_forgotten_for_negatives"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "sign_of_target_slope"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "predicted_without_target"): "negsampling.predicted",
    ("negSamplingCostAndGradient", "predicted_without_negatives"): "negsampling.predicted",
    ("negSamplingCostAndGradient", "negatives_averaged"): AVERAGED,
    ("negSamplingCostAndGradient", "divided_by_K"): AVERAGED,
    ("negSamplingCostAndGradient", "sign_of_both"): NEGATIVES,
    ("negSamplingCostAndGradient", "negatives_in_all_rows"): "negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "target_too"): "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target",
    ("negSamplingCostAndGradient", "negatives_without_cost"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "target_row_lost"): "negsampling.outputs negsampling.repeats",
    ("skipgram", "always_softmax"): "skipgram.sum:1/2",
    ("skipgram", "always_negative_sampling"): "skipgram.sum:1/2",
    ("skipgram", "always_negative_sampling_C"): "skipgram.sum",
    ("skipgram", "dataset_lost"): "skipgram.sum:5/6",
    ("skipgram", "last_word_only"): "skipgram.sum",
    ("skipgram", "gradients_of_last_word"): "skipgram.sum",
    ("skipgram", "mean_over_context"): "skipgram.sum:1/2",
    ("skipgram", "repeats_dropped"): "skipgram.sum",
    ("skipgram", "gradient_in_all_rows"): "skipgram.sum:2/3",
    ("skipgram", "swapped"): "skipgram.sum",
    ("skipgram", "ones_added"): "skipgram.sum:2/3",
    ("skipgram", "cost_of_last_word"): "skipgram.sum:2/3",
    ("skipgram", "gradIn_of_last_word"): "skipgram.sum:2/3",
    ("skipgram", "gradOut_of_last_word"): "skipgram.sum:2/3",
    ("skipgram", "center_skipped"): "skipgram.sum:1/2",
    ("skipgram", "first_half"): "skipgram.sum",
    ("skipgram", "divided_by_window"): "skipgram.sum:1/2",
    ("skipgram", "gradient_to_context"): "skipgram.sum:2/3",
    ("skipgram", "output_vectors"): "skipgram.sum",
    ("skipgram", "exchanged"): "skipgram.sum",
    ("cbow", "mean_for_sum"): "cbow.sum:1/2",
    ("cbow", "cost_averaged"): "cbow.sum:1/2",
    ("cbow", "mean_for_sum_gradient_of_sum"): "cbow.sum",
    ("cbow", "gradient_divided"): "cbow.sum",
    ("cbow", "last_word_only"): "cbow.sum",
    ("cbow", "one_by_one"): "cbow.sum",
    ("cbow", "context_as_target"): "cbow.sum",
    ("cbow", "skipgram"): "cbow.sum",
    ("cbow", "repeats_dropped"): "cbow.sum",
    ("cbow", "repeats_overwritten"): "cbow.sum",
    ("cbow", "gradient_in_all_rows"): "cbow.sum",
    ("cbow", "gradient_to_center"): "cbow.sum",
    ("cbow", "gradients_to_center"): "cbow.sum",
    ("cbow", "last_vector_only"): "cbow.sum",
    ("cbow", "in_place"): "cbow.sum",
    ("cbow", "divided_by_window"): "cbow.sum:1/2",
    ("cbow", "divided_by_window_gradient_of_sum"): "cbow.sum",
    ("cbow", "output_vectors"): "cbow.sum",
    ("cbow", "exchanged"): "cbow.sum",
    ("cbow", "always_softmax"): "cbow.sum",
    ("cbow", "always_negative_sampling"): "cbow.sum",
    ("cbow", "always_negative_sampling_C"): "cbow.sum",
    ("cbow", "dataset_lost"): "cbow.sum:3/4",
    ("softmax", "columns_shifted"): "softmax.values softmax.rows softmax.probabilities softmax.stability",
    ("softmax", "whole_matrix_shifted"): "softmax.values softmax.rows softmax.probabilities softmax.stability",
    ("forward_backward_prop", "no_minus_y"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "plus_y"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "only_at_the_label"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "slope_of_each_yhat"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "all_classes"): "neural.cost",
    ("forward_backward_prop", "no_log"): "neural.cost",
    ("forward_backward_prop", "log10"): "neural.cost",
    ("forward_backward_prop", "log2"): "neural.cost",
    ("forward_backward_prop", "one_minus_yhat"): "neural.cost",
    # for one example both are softmax's own, or nearly nothing
    ("forward_backward_prop", "whole_softmax"): "neural.cost neural.gradient",
    ("forward_backward_prop", "column_softmax"): "neural.delta neural.cost neural.gradient",
    ("forward_backward_prop", "weights_before_biases"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "params_weights_before_biases"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "gradient_weights_before_biases"): "neural.gradient:1/2",
    ("forward_backward_prop", "gradient_last_layer_first"): "neural.gradient:1/2",
    ("forward_backward_prop", "gradient_biases_first"): "neural.gradient:1/2",
    ("softmaxCostAndGradient", "times_output_vectors"): "softmaxcost.outputs",
    ("negSamplingCostAndGradient", "predicted_of_last"): "negsampling.predicted",
    ("negSamplingCostAndGradient", "last_left_out"): "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target",
    ("negSamplingCostAndGradient", "one_place_too_early"): "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target",
    ("negSamplingCostAndGradient", "target_without_minus_one"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("skipgram", "last_left_out"): "skipgram.sum",
    ("skipgram", "first_left_out"): "skipgram.sum",
    ("skipgram", "center_as_target"): "skipgram.sum",
    ("skipgram", "to_input_vectors"): "skipgram.sum",
    ("cbow", "first_word_as_target"): "cbow.sum",
    ("cbow", "last_word_as_target"): "cbow.sum",
    ("cbow", "gradient_to_last"): "cbow.sum",
    ("cbow", "own_target"): "cbow.sum",
    ("softmaxCostAndGradient", "log_left_out"): f"softmaxcost.cost {WORD_GRADIENTS}",
    ("negSamplingCostAndGradient", "target_as_negative"): NEGATIVES,
    ("forward_backward_prop", "mean_over_Dy"): "neural.delta neural.cost neural.gradient:1/2",
    # half of the two blocks of four that follow the mean
    ("forward_backward_prop", "no_activation_slope_mean"): "neural.cost:1/2 neural.gradient:1/4",
    ("forward_backward_prop", "slope_of_z_mean"): "neural.cost:1/2 neural.gradient:1/4",
    ("softmax", "base_2"): "softmax.values softmax.stability",
    ("softmax", "int_truncated"): "softmax.values",
    ("softmax", "int_matrix_truncated"): "softmax.values",
    ("sigmoid", "of_absolute_value"): "sigmoid.values sigmoid.stability",
    ("sigmoid", "no_parentheses"): "sigmoid.values sigmoid.stability",
    ("sigmoid", "minus_in_denominator"): "sigmoid.values sigmoid.stability",
    ("sigmoid", "derivative"): "sigmoid.values sigmoid.stability",
    ("normalizeRows", "square_of_sum"): "normalize.values",
    ("normalizeRows", "root_mean_square"): "normalize.values",
    ("normalizeRows", "squared"): "normalize.values",
    ("forward_backward_prop", "W1_by_columns"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "params_W1_by_columns"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "weights_by_columns"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "params_weights_by_columns"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "b1_outside"): "neural.cost neural.gradient:1/2",
    ("forward_backward_prop", "b1_outside_slope_of_h"): "neural.cost neural.gradient:1/4",
    ("forward_backward_prop", "W2_reshaped"): "neural.gradient:1/2",
    ("forward_backward_prop", "slope_of_dh"): "neural.gradient:1/2",
    ("forward_backward_prop", "slope_h"): "neural.gradient:1/2",
    ("forward_backward_prop", "slope_one_minus_h"): "neural.gradient:1/2",
    ("forward_backward_prop", "times_slope_of_yhat"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "W2_of_last_example"): "neural.gradient:3/4",
    ("forward_backward_prop", "W1_of_last_example"): "neural.gradient:3/4",
    ("forward_backward_prop", "weights_of_last_example"): "neural.gradient:1/2",
    ("forward_backward_prop", "gradient_of_last_example"): "neural.gradient",
    ("forward_backward_prop", "cost_of_last_example"): "neural.cost",
    ("forward_backward_prop", "last_example"): "neural.cost neural.gradient",
    ("forward_backward_prop", "first_example"): "neural.cost neural.gradient",
    ("forward_backward_prop", "all_pairs"): "neural.cost",
    ("forward_backward_prop", "likeliest"): "neural.cost",
    ("softmaxCostAndGradient", "column_of_scores"): f"softmaxcost.cost {WORD_GRADIENTS}",
    ("negSamplingCostAndGradient", "rows_0_to_K_minus_1"): ROWS_OF_U,
    ("negSamplingCostAndGradient", "rows_1_to_K"): ROWS_OF_U,
    ("negSamplingCostAndGradient", "chosen_by_numpy"): OWN_SAMPLES,
    ("negSamplingCostAndGradient", "drawn_by_numpy"): OWN_SAMPLES,
    ("negSamplingCostAndGradient", "drawn_by_numpy_as_drawn"): OWN_SAMPLES,
    ("negSamplingCostAndGradient", "drawn_by_python"): OWN_SAMPLES,
    ("negSamplingCostAndGradient", "target_for_negatives"): "negsampling.predicted",
    ("negSamplingCostAndGradient", "predicted_times_itself"): "negsampling.predicted",
    ("negSamplingCostAndGradient", "summed_to_a_number"): "negsampling.predicted",
    ("negSamplingCostAndGradient", "outputs_times_themselves"): "negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "outputs_of_last"): "negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "log_of_sum"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "sigma_of_sum"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "target_in_the_loop"): NEGATIVES,
    ("skipgram", "one_array"): "skipgram.sum",
    ("skipgram", "target_rows_only"): "skipgram.sum:2/3",
    ("skipgram", "center_too"): "skipgram.sum",
    ("cbow", "center_too"): "cbow.sum",
    ("cbow", "center_too_without_gradient"): "cbow.sum",
    ("cbow", "center_alone"): "cbow.sum",
    ("cbow", "first_half"): "cbow.sum",
    ("softmax", "sum_unshifted"): "softmax.values softmax.shift softmax.probabilities softmax.stability",
    ("normalizeRows", "largest_absolute"): "normalize.values",
    ("normalizeRows", "centred"): "normalize.values",
    ("normalizeRows", "min_max"): "normalize.values",
    ("forward_backward_prop", "minus_likeliest"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "label_lost_at_the_largest"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "label_lost_at_the_likeliest"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "label_lost_elsewhere"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "zero_where_right"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "minus_one_everywhere"): "neural.delta neural.gradient:1/2",
    ("softmaxCostAndGradient", "minus_one_everywhere"): WORD_GRADIENTS,
    ("softmaxCostAndGradient", "not_divided"): f"softmaxcost.cost {WORD_GRADIENTS}",
    ("negSamplingCostAndGradient", "five_drawn"): "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target",
    ("softmaxCostAndGradient", "one_minus_yhat"): "softmaxcost.cost",
    ("softmaxCostAndGradient", "likeliest"): "softmaxcost.cost",
    ("softmaxCostAndGradient", "binary_cost"): "softmaxcost.cost",
    ("softmaxCostAndGradient", "score_alone"): "softmaxcost.cost",
    ("softmaxCostAndGradient", "target_twice"): "softmaxcost.predicted",
    ("negSamplingCostAndGradient", "log_forgotten_for_target"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "one_too_many"): "negsampling.cost negsampling.predicted:1/2 negsampling.outputs:1/2 negsampling.target",
    ("negSamplingCostAndGradient", "averaged"): AVERAGED,
    ("negSamplingCostAndGradient", "cost_of_last"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "outputs_to_target"): "negsampling.outputs negsampling.repeats",
    ("negSamplingCostAndGradient", "target_with_minus"): NEGATIVES,
    ("negSamplingCostAndGradient", "minus_outside"): "negsampling.predicted negsampling.outputs negsampling.repeats",
    ("skipgram", "first_word_only"): "skipgram.sum",
    ("skipgram", "mean_gradients"): "skipgram.sum:1/2",
    ("cbow", "divided_by_C"): "cbow.sum",
    ("cbow", "divided_by_C_gradient_of_sum"): "cbow.sum",
    ("forward_backward_prop", "twice"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "minus_one_for_yhat"): "neural.delta neural.gradient:1/2",
    ("forward_backward_prop", "b1_of_last_example"): "neural.gradient:3/4",
    ("forward_backward_prop", "b2_of_last_example"): "neural.gradient:3/4",
    ("forward_backward_prop", "biases_of_last_example"): "neural.gradient:1/2",
    ("sigmoid", "of_2x"): "sigmoid.values sigmoid.stability",
    ("softmaxCostAndGradient", "minus_one_for_yhat"): WORD_GRADIENTS,
    ("softmaxCostAndGradient", "target_vector_alone"): "softmaxcost.predicted",
    ("negSamplingCostAndGradient", "cost_of_target_and_last"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "predicted_of_target_and_last"): "negsampling.predicted",
    ("forward_backward_prop", "overwritten"): "neural.cost",
    ("softmaxCostAndGradient", "overwritten"): "softmaxcost.cost",
    ("negSamplingCostAndGradient", "all_other_words"): ROWS_OF_U,
    ("negSamplingCostAndGradient", "cost_without_logs"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "cost_without_log_of_target"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "cost_without_logs_of_negatives"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "others_as_zeros"): "negsampling.cost negsampling.target",
    ("skipgram", "cost_averaged"): "skipgram.sum:2/3",
    ("skipgram", "gradIn_averaged"): "skipgram.sum:2/3",
    ("skipgram", "gradOut_averaged"): "skipgram.sum:2/3",
    ("skipgram", "window_one_short"): "skipgram.sum",
    ("cbow", "window_one_short"): "cbow.sum",
    ("cbow", "last_left_out"): "cbow.sum",
    ("cbow", "first_left_out"): "cbow.sum",
    ("forward_backward_prop", "log_plus_1e-3"): "neural.cost",
    ("softmaxCostAndGradient", "log_plus_1e-3"): "softmaxcost.cost",
    ("negSamplingCostAndGradient", "log_plus_1e-3"): "negsampling.cost negsampling.target",
    ("forward_backward_prop", "log_plus_1e-4"): "neural.cost",
    ("softmaxCostAndGradient", "log_plus_1e-4"): "softmaxcost.cost",
    ("negSamplingCostAndGradient", "log_plus_1e-4"): "negsampling.cost negsampling.target",
    ("forward_backward_prop", "log_plus_1e-5"): "neural.cost",
    ("softmaxCostAndGradient", "log_plus_1e-5"): "softmaxcost.cost",
    ("negSamplingCostAndGradient", "log_plus_1e-5"): "negsampling.cost negsampling.target",
    ("forward_backward_prop", "log_plus_1e-6"): "neural.cost",
    ("softmaxCostAndGradient", "log_plus_1e-6"): "softmaxcost.cost",
    ("negSamplingCostAndGradient", "log_plus_1e-6"): "negsampling.cost negsampling.target",
    ("negSamplingCostAndGradient", "signs_exchanged"): NEGATIVES,
    ("forward_backward_prop", "sigmoid_before_softmax_without_slope"): "neural.delta neural.cost neural.gradient",
    ("forward_backward_prop", "offset_stays_after_W1"): "neural.delta neural.cost neural.gradient",
    ("forward_backward_prop", "offset_stays_after_b1"): "neural.delta neural.cost neural.gradient",
    ("forward_backward_prop", "offset_stays_after_W2"): "neural.delta neural.cost neural.gradient",
}
"""Items lost before `needs` block others, with the share that is left if there is one."""


@pytest.fixture(scope="module", params=SEEDS)
def trial(request):
    """The inputs of one seed."""
    return Trial(request.param, ASSIGNMENT.interface, ASSIGNMENT.oracle)


def verdicts(trial, function, answer):
    """The verdict on every item about a function whose answers `answer` computes, all other functions being right."""
    functions = {**ASSIGNMENT.oracle.functions, function: answer}
    items = [i for i in ASSIGNMENT.rubric.items if i.check.function == function and i.check.kind not in SHOWN_ELSEWHERE]
    return {i.id: i.check.judge(trial, [returned(probe, functions) for probe in i.check.plan(trial)]) for i in items}


def returned(probe, functions):
    """What comes back from a call, as the wire brings it."""
    args = [materialise(a, functions) for a in probe.args]
    if probe.function.startswith("negSampling") and len(args) == 4:
        args.append(10)  # the default of K, which the function of a mistake has not
    with np.errstate(all="ignore"):
        value = functions[probe.function](*args)
    return Returned(tuple(map(plain, value)) if isinstance(value, tuple) else plain(value))


def plain(value):
    """A plain number for a numpy one, but for single precision, which crosses as an array."""
    array = np.asarray(value)
    return array.item() if array.ndim == 0 and array.dtype != np.float32 else array


def expected(text):
    """``"a b:1/2"`` as credits by item."""
    return {item: Fraction(share or 0) for item, _, share in (word.partition(":") for word in text.split())}


def test_the_table_has_every_known_mistake():
    """A mistake without a line here would be one whose price nobody has looked at."""
    assert set(LOSES) == set(MISTAKES)
    assert len(MISTAKES) == len(ASSIGNMENT.oracle.misconceptions)


@pytest.mark.parametrize("function", sorted(ASSIGNMENT.oracle.functions))
def test_the_reference_loses_nothing(function, trial):
    """Every item, full credit, nothing noted."""
    for item, verdict in verdicts(trial, function, ASSIGNMENT.oracle.functions[function]).items():
        assert (item, verdict.credit, verdict.notes) == (item, 1, ())


@pytest.mark.parametrize(("function", "mistake"), sorted(LOSES))
def test_a_mistake_loses_its_items_and_no_others(function, mistake, trial):
    """One mistake costs once: the other items of the function keep their points."""
    lost = {item: v.credit for item, v in verdicts(trial, function, MISTAKES[function, mistake].answer).items() if v.credit != 1}
    assert lost == expected(LOSES[function, mistake])


@pytest.mark.parametrize("mistake", ["label_lost_at_the_largest", "label_lost_at_the_likeliest", "label_lost_elsewhere", "zero_where_right"])
@pytest.mark.parametrize("seed", range(30))
def test_a_slip_that_only_some_labels_show_loses_the_same_whatever_the_seed(seed, mistake):
    """Each item asks about a label of the likeliest class, and about others."""
    one = Trial(seed, ASSIGNMENT.interface, ASSIGNMENT.oracle)
    found = verdicts(one, "forward_backward_prop", MISTAKES["forward_backward_prop", mistake].answer)
    lost = {item: v.credit for item, v in found.items() if v.credit != 1}
    assert lost == expected("neural.delta neural.gradient:1/2")


@pytest.mark.parametrize(("count", "words"), [
    (lambda Dx, H, Dy: Dx * H + H * Dy, "The biases are left out"),
    (lambda Dx, H, Dy: Dx + H + Dy, "the units of the network, not its parameters"),
    (lambda Dx, H, Dy: (Dx + 1) * (H + 1) + (H + 1) * Dy, "The hidden layer's bias unit is given weights of its own"),
])
def test_a_wrong_count_is_explained(count, words, trial):
    """By the slip that gives the same number for all sizes."""
    verdict = verdicts(trial, "parameter_count", count)["neural.count"]
    assert verdict.credit == 0
    assert words in verdict.message


@pytest.mark.parametrize(("function", "mistake"), sorted(LOSES))
def test_a_mistake_is_called_by_its_name(function, mistake, trial):
    """Its own sentence and hint in at least one item; and no verdict about values or gradients is left without a name."""
    known = MISTAKES[function, mistake]
    lost = [v for v in verdicts(trial, function, known.answer).values() if v.credit != 1]
    assert (known.sentence, known.hint) in [(v.message, v.hint) for v in lost]
    assert not [v.message for v in lost if v.reason in (Reason.GRADIENT, Reason.OTHER_COST, Reason.INCONSISTENT)]


@pytest.mark.parametrize(("function", "mistake"), sorted(LOSES))
def test_single_precision_neither_hides_a_mistake_nor_loses_its_share(function, mistake, trial):
    """Credits and reasons of values and gradients are those of the same mistake in double precision."""
    answer = MISTAKES[function, mistake].answer
    exact, coarse = verdicts(trial, function, answer), verdicts(trial, function, lambda *args: in_single(answer(*args)))
    judged = [i.id for i in ASSIGNMENT.rubric.items if i.id in exact and i.check.kind in ("values", "gradient")]
    assert [(i, coarse[i].credit, coarse[i].reason) for i in judged] == [(i, exact[i].credit, exact[i].reason) for i in judged]


def in_single(value):
    """As it comes of a computation in single precision: off by roundings of the entry itself and of others that it was summed with."""
    if isinstance(value, tuple):
        return tuple(map(in_single, value))
    want = np.asarray(value, float)
    noise = np.random.default_rng(want.size).uniform(-2, 2, want.shape) * 2.0**-23
    return np.asarray(want + noise * (np.abs(want) + np.median(np.abs(want))), np.float32)


@pytest.mark.parametrize("item", [i for i in ASSIGNMENT.rubric.items if getattr(i.check, "conventions", None)], ids=lambda i: i.id)
def test_every_convention_of_the_rubric_is_a_known_mistake_of_that_function(item):
    """A misspelt id would grant nothing, silently."""
    assert {(item.check.function, name) for name in item.check.conventions} <= set(MISTAKES)


@pytest.mark.parametrize(("function", "mistake"), sorted(LOSES))
def test_sentences_speak_to_the_student_and_hints_name_one_thing_to_change(function, mistake):
    """One or two plain sentences each, that end with a full stop."""
    known = MISTAKES[function, mistake]
    for text in (known.sentence, known.hint):
        assert text.endswith(".")
        assert text[0].isupper()
        assert len(text) <= 140
