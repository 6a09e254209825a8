"""A scenario that is planned in a third of a second: what sweeps and comparisons are tried on as real processes."""

LIGHT = """\
title: A light one
currency: GBP
start: 2021-04
horizon: 12 months
seed: 7
nodes: {a: {limits: {rooms: {value: 9 rooms, low: 6, high: 12}}}}
levels: {one: {price: 9 GBP/month, participants: 10, rooms: 5, duration: 2 h}}
members: {accounts: 20, mix: {one: 100 %}}
usage:
  everyone: {meetings: 2/week, duration: 45 min, size: 5 users, cameras: 50 %, spread: 0, season: 1, day_spread: 0}
offer: {accounts: 5, mix: {one: 100 %}, review: {after: 6 months}}
networks:
  n: {reachable: 100 businesses, take_up: 10 %, sign_ups: 1 account/month, churn: 4 %/month, late: 40 %, unpaid: 1 %,
      closes: 5 %/year}
spending:
  target: 4 h
  hourly_rate: 30 GBP/h
  sellers: {s: {hours: 16 h/month, smallest_job: 1 h, available: 100 %}}
labour: {setup: 30 min/account, invoicing: 15 min/account/month, support: 10 min/account/month, available: 4 h/month}
cash: {displaced: 5 %, convert: 30 %}
"""
