"""A whole class: many submissions in, one row for each, reports, a class page and a gradebook out.

One run is one folder with a store, `grader.batch.store.Store`; everything else in it is made from the store and can be made
again. Workers get a submission and give back plain data (`grader.batch.work`); the parent alone writes.
"""
