"""Hubs: a Tiffin server with an upstream, such as the trainer's laptop. docs/hub.md.

At the upstream                         At the hub
enrolling  hubs are added and join      upstream   the one above: asked and answered over HTTP
registry   what a hub is told           following  what it was told, written down; entries too
entries    the log, as a hub follows it releases   published releases, fetched and verified
receiving  what a hub brings            cargo      what devices sent, kept to be handed on
                                        uplink     one round of all this; `background` runs them

A hub is trusted to know who learns what, and not to say what they did: every change, attempt and joining that it
brings carries the device's own signature, which the upstream checks as if the device stood before it.
"""
