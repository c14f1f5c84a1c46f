def sgd(f, x0, step, iterations, postprocessing=None, useSaved=False, PRINT_EVERY=10):
    """Steps against the gradient, changing x0 itself where it is an array; the step halves every 20000 iterations."""
    x = x0
    for i in range(iterations):
        if i and i % 20000 == 0:
            step = step * 0.5
        cost, grad = f(x)
        x -= step * grad
        if postprocessing is not None:
            x = postprocessing(x)
        if (i + 1) % PRINT_EVERY == 0:
            print("iter", i + 1, cost)
    return x
