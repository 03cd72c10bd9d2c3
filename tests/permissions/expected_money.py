"""The rows of the table that are about money and its lists: read as the others, with the same callers in the same order."""

from __future__ import annotations

MONEY_TABLE = """
# the ledger: finance and supervisor
GET /api/v1/ledger/transfers                              401  403  403  403  403  403  403  200  403  200  403  200  401
POST /api/v1/ledger/corrections                           401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/ledger/corrections/{correction_id}/decisions 401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/ledger/accounts                               401  403  403  403  403  403  403  200  403  200  403  200  401

# money that comes and goes: finance's desk; the supervisor sees what is paid out; who owes sees what he owes
POST /api/v1/bank-statements                              401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/bank-statements                               401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/bank-lines                                    401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/bank-lines/{line_id}                          401  403  403  403  403  403  403  200  403  403  403  200  401
POST /api/v1/bank-lines/{line_id}/matches                 401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/bank-lines/{line_id}/returns                 401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/line-matches/{match_id}/decisions            401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/payables                                      401  200  403  200  200  403  403  200  403  200  403  200  401
GET /api/v1/payables/{payable_id}                         401  404  403  200  404  403  403  200  403  200  403  200  401
GET /api/v1/payment-orders                                401  403  403  403  403  403  403  200  403  200  403  200  401
GET /api/v1/payment-orders/{order_id}                     401  403  403  403  403  403  403  200  403  200  403  200  401
POST /api/v1/payment-approvals                            401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/payment-orders/{order_id}/cancellations      401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/payment-orders/{order_id}/outcomes           401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/payment-exports                              401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/payment-exports                               401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/payment-exports/{export_id}/orders.csv        401  403  403  403  403  403  403  200  403  403  403  200  401
POST /api/v1/payment-exports/{export_id}/executions       401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/payout-account                                401  200  403  200  200  403  403  403  403  403  403  200  401
POST /api/v1/payout-account                               401  201  403  201  201  403  403  403  403  403  403  -    401
PUT /api/v1/payout-account/looks                          401  404  403  404  404  403  403  403  403  403  403  -    401
POST /api/v1/payout-account/links                         401  404  403  404  404  403  403  403  403  403  403  -    401
GET /api/v1/payment-orders/{order_id}/connect             401  403  403  403  403  403  403  200  403  200  403  200  401
POST /api/v1/payment-orders/{order_id}/ways               401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/payment-orders/{order_id}/repetitions        401  403  403  403  403  403  403  201  403  403  403  201  401
# what the desk looks at before it acts, and money that went
POST /api/v1/bank-statement-previews                      401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/paid-lines                                    401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/paid-lines/{line_id}                          401  403  403  403  403  403  403  200  403  403  403  200  401
POST /api/v1/paid-lines/{line_id}/matches                 401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/finance                                       401  403  403  403  403  403  403  200  403  200  403  200  401
GET /api/v1/releases                                      401  403  403  403  403  403  403  200  403  200  403  200  401
# a list as a workbook is for whom the list is
GET /api/v1/workbooks/listings                            200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/workbooks/intents                             401  200  403  200  200  200  403  403  403  200  403  200  401
GET /api/v1/workbooks/deals                               401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/workbooks/deposits                            401  200  403  200  200  403  403  200  403  200  403  200  401
GET /api/v1/workbooks/payables                            401  200  403  200  200  403  403  200  403  200  403  200  401
GET /api/v1/workbooks/payment-orders                      401  403  403  403  403  403  403  200  403  200  403  200  401
GET /api/v1/workbooks/bank-lines                          401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/workbooks/paid-lines                          401  403  403  403  403  403  403  200  403  403  403  200  401
GET /api/v1/workbooks/releases                            401  403  403  403  403  403  403  200  403  200  403  200  401
GET /api/v1/workbooks/ledger-entries                      401  403  403  403  403  403  403  200  403  200  403  200  401
GET /api/v1/workbooks/defaults                            401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/workbooks/audit-records                       401  403  403  403  403  403  403  403  403  200  403  200  401
GET /api/v1/workbooks/contracts                           401  200  403  200  200  403  403  403  200  200  403  200  401
GET /api/v1/workbooks/registrations                       401  200  403  200  200  403  403  403  200  200  403  200  401
GET /api/v1/workbooks/notices                             200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/workbooks/bank-statements                     401  403  403  403  403  403  403  200  403  403  403  200  401
"""
