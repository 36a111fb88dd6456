"""Packing behind the requests: asked for in a row, done by a process of its own, gone on with after it was killed.

asking    the rows: what was asked for, how far it is, what came of it
looking   what each film of a course can become, before anything is encoded
noting    how far it is, and whether it is still wanted
work      the steps: plan, make a rung, make a release; each may be repeated
durable   the workflow that takes the steps, each once (DBOS)
homes     what a home folder is called: what is asked for there is packed there
worker    the process in which it runs; one for each home, several packs at a time
starting  who starts that process, and again when it died
"""
