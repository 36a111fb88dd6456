"""Whole worlds from one seed each, in virtual time. docs/simulation.md.

world, running, story   one world, its whole life, and what is told of it
machines                what acts: servers and hubs on disks that fail, phones, cameras
happenings              what learners and trainers do, and everything that goes wrong
checks                  what must hold
"""
