"""What every kind of caller gets from every route: written by hand, route by route, and computed from nothing.

The callers, from left to right:

``gues`` nobody is signed in. ``stra`` somebody with all roles of an organisation that has no part in the thing.
``coll`` somebody of the owner's own organisation with the roles that do not fit. ``own`` the owner's person with just
the role that fits. ``coun`` somebody with all roles of the other side of the same sale. ``rev host fin reg sup`` the
desks of the exchange: reviewer, host, finance, registrar, supervisor. ``narr`` a token of the person whom the route is
for, with all scopes but the fitting one (with all scopes, where no scope fits). ``fit`` his token with the fitting
scope alone. ``ende`` a cookie of his whose session was ended.

The rules behind the numbers: a stranger's private thing is missing (404); without the role one is told so (403); the
exchange never lists, bids or signs, and a seller never reviews; the public sees published listings, sales, their events
and certificates, and nothing else. 101 is a socket that was let in. One route may have several rows: what stands after
``#`` says which thing is asked for.
"""

from __future__ import annotations

from tests.permissions.expected_money import MONEY_TABLE

CALLERS = (
    "guest",
    "stranger",
    "colleague",
    "owner",
    "counterparty",
    "reviewer",
    "host",
    "finance",
    "registrar",
    "supervisor",
    "narrow",
    "fit",
    "ended",
)

TABLE = """
# the market itself                                       gues stra coll own  coun rev  host fin  reg  sup  narr fit  ende
GET /api/v1/market                                        200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/trading-rules                                 200  200  200  200  200  200  200  200  200  200  200  -    200
POST /api/v1/trading-rules/previews                       200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/calendar-years/{year}                         200  200  200  200  200  200  200  200  200  200  200  -    200
# two desks keep the rulebook
PUT /api/v1/calendar-years/{year}                         401  403  403  403  403  200  200  403  403  403  403  200  401
GET /api/v1/dated-rules                                   200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/rule-proposals                                401  403  403  403  403  200  200  403  403  200  403  200  401
# the reviewer proposed the one that is decided here
POST /api/v1/rule-proposals                               401  403  403  403  403  201  201  403  403  403  403  201  401
POST /api/v1/rule-proposals/{proposal_id}/decision        401  403  403  403  403  403  201  403  403  403  403  201  401
GET /api/v1/openapi.json                                  200  200  200  200  200  200  200  200  200  200  200  -    200
GET /healthz                                              200  200  200  200  200  200  200  200  200  200  200  -    200
# open to all; 503 because the clock of this world stands still, which readiness must not overlook
GET /readyz                                               503  503  503  503  503  503  503  503  503  503  503  -    503
GET /metrics                                              200  200  200  200  200  200  200  200  200  200  200  -    200
# figures are for this machine: from elsewhere they are not there, whoever asks
GET /metrics #elsewhere                                   404  404  404  404  404  404  404  404  404  404  404  -    404
GET /{path:path}                                          200  200  200  200  200  200  200  200  200  200  200  -    200
MOUNT /assets                                             200  200  200  200  200  200  200  200  200  200  200  -    200

# accounts: nobody but an organisation's admin, in person, manages it; a token belongs to one person alone
POST /api/v1/organisations                                201  201  201  201  201  201  201  201  201  201  201  -    201
GET /api/v1/organisations/{organisation_id}               401  200  200  200  200  200  200  200  200  200  200  -    401
# which law a party is under is found by the reviewer's desk
PUT /api/v1/organisations/{organisation_id}/classification 401  403  403  403  403  200  403  403  403  403  403  200  401
GET /api/v1/organisations/{organisation_id}/people        401  404  403  200  404  403  403  403  403  403  403  -    401
POST /api/v1/organisations/{organisation_id}/people       401  404  403  201  404  403  403  403  403  403  403  -    401
# foreign or not: an admin says so of the own organisation
PUT /api/v1/organisations/foreign-declaration             401  200  403  200  200  403  403  403  403  403  403  -    401
PUT /api/v1/people/{person_id}/roles                      401  404  403  200  404  403  403  403  403  403  403  -    401
POST /api/v1/sessions                                     201  201  201  201  201  201  201  201  201  201  201  -    201
GET /api/v1/sessions/current                              200  200  200  200  200  200  200  200  200  200  200  -    200
DELETE /api/v1/sessions/current                           401  204  204  204  204  204  204  204  204  204  403  -    401
GET /api/v1/tokens                                        401  200  200  200  200  200  200  200  200  200  403  -    401
POST /api/v1/tokens                                       401  201  201  201  201  201  201  201  201  201  403  -    401
DELETE /api/v1/tokens/{token_id}                          401  404  404  204  404  404  404  404  404  404  403  -    401

# what one was told is read in person, by no token
GET /api/v1/notifications                                 401  200  200  200  200  200  200  200  200  200  403  -    401
GET /api/v1/notifications/unread                          401  200  200  200  200  200  200  200  200  200  403  -    401
PUT /api/v1/notifications/reads                           401  200  200  200  200  200  200  200  200  200  403  -    401
GET /api/v1/notifications/address                         401  200  200  200  200  200  200  200  200  200  403  -    401
PUT /api/v1/notifications/address                         401  200  200  200  200  200  200  200  200  200  403  -    401
GET /api/v1/audit-records                                 401  403  403  403  403  403  403  403  403  200  403  200  401

# catalogue: what an organisation has brought in is its own (and the exchange's) until it is listed
GET /api/v1/patents                                       200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/patents/{patent_id}                           404  404  200  200  404  200  200  200  200  200  200  -    404
GET /api/v1/patents/{patent_id} #catalogue                200  200  200  200  200  200  200  200  200  200  200  -    200
POST /api/v1/patents                                      401  201  403  201  201  403  403  403  403  403  403  201  401
POST /api/v1/patent-imports                               401  202  403  202  202  403  403  403  403  403  403  202  401
GET /api/v1/patent-imports/{import_id}                    401  404  200  200  404  200  200  200  200  200  200  -    401
GET /api/v1/patent-imports/{import_id}/refusals.csv       401  404  200  200  404  200  200  200  200  200  200  -    401
GET /api/v1/patent-number-checks/{number}                 200  200  200  200  200  200  200  200  200  200  200  -    200

# demands and packages: their organisation's own, and the exchange's to see
POST /api/v1/demands                                      401  201  403  201  201  403  403  403  403  403  403  201  401
GET /api/v1/demands                                       401  200  200  200  200  200  200  200  200  200  200  -    401
GET /api/v1/demands/{demand_id}                           401  404  200  200  404  200  200  200  200  200  200  -    401
POST /api/v1/packages                                     401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/packages                                      401  200  200  200  200  200  200  200  200  200  200  -    401
GET /api/v1/packages/{package_id}                         401  404  200  200  404  200  200  200  200  200  200  -    401

# listings: the seller writes, the reviewer reviews and publishes
GET /api/v1/listings                                      200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings #mine                                401  200  403  200  200  403  403  403  403  403  403  200  401
POST /api/v1/listings                                     401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/listings/{listing_id} #draft                  404  404  403  200  404  200  404  404  404  200  403  200  404
GET /api/v1/listings/{listing_id} #listed                 200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings/{listing_id} #sold                   200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings/{listing_id}/rules                   200  200  200  200  200  200  200  200  200  200  200  -    200
PATCH /api/v1/listings/{listing_id} #draft                401  404  403  200  404  403  403  403  403  403  403  200  401
PATCH /api/v1/listings/{listing_id} #listed               401  403  403  409  403  403  403  403  403  403  403  409  401
POST /api/v1/listings/{listing_id}/submissions            401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/reviews                401  403  403  403  403  201  403  403  403  403  403  201  401
GET /api/v1/listings/{listing_id}/review-checks           401  403  403  403  403  200  403  403  403  403  403  200  401
POST /api/v1/listings/{listing_id}/publications           401  403  403  403  403  201  403  403  403  403  403  201  401

# public notices: the seller writes, anybody signed in objects in person, the reviewer decides, the supervisor looks on
GET /api/v1/notices                                       200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/notices #mine                                 401  200  403  200  200  403  403  403  403  403  403  200  401
POST /api/v1/notices                                      401  403  403  201  403  403  403  403  403  403  403  201  401
GET /api/v1/notices/{notice_id} #published                200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/notices/{notice_id} #draft                    404  404  404  200  404  200  404  404  404  200  404  200  404
PUT /api/v1/notices/{notice_id}                           401  404  403  200  404  403  403  403  403  403  403  200  401
POST /api/v1/notices/{notice_id}/publication              401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/notices/{notice_id}/withdrawal               401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/notices/{notice_id}/objections               401  201  201  201  201  403  403  403  403  403  403  -    401
POST /api/v1/objections/{objection_id}/decision           401  403  403  403  403  201  403  403  403  403  403  201  401
GET /api/v1/notices/{notice_id}/certificate.pdf           200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/notices/{notice_id}/certificate               200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings/{listing_id}/timeline                200  200  200  200  200  200  200  200  200  200  200  -    200

# what becomes of a listing: the desk acts, its seller asks in writing
GET /api/v1/boards                                        200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings/{listing_id}/bulletins               200  200  200  200  200  200  200  200  200  200  200  -    200
POST /api/v1/listings/{listing_id}/suspensions            401  403  403  403  403  201  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/resumptions            401  403  403  403  403  201  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/terminations           401  403  403  403  403  201  403  403  403  403  403  201  401
GET /api/v1/listings/{listing_id}/petitions               401  404  403  200  404  200  404  404  404  200  403  200  401
POST /api/v1/listings/{listing_id}/petitions              401  403  403  201  403  403  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/petitions/{petition_id}/decision 401  403  403  403  403  201  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/relistings             401  403  403  201  403  403  403  403  403  403  403  201  401
POST /api/v1/intents/{intent_id}/confirmations            401  404  403  201  404  403  403  403  403  403  403  201  401

# intents and deposits: the owner is the buyer, the counterparty the seller, who does not learn who wants to buy
POST /api/v1/listings/{listing_id}/intents                401  201  403  201  403  403  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/intents #draft         401  404  403  404  403  403  403  403  403  403  403  404  401
GET /api/v1/intents                                       401  200  403  200  200  200  403  403  403  200  403  200  401
GET /api/v1/intents/{intent_id}                           401  404  403  200  404  200  404  404  404  200  403  200  401
POST /api/v1/intents/{intent_id}/qualifications           401  403  403  403  403  201  403  403  403  403  403  201  401
# a partner consents by its own account; the buyer withdraws; the seller learns nothing of all this
POST /api/v1/intents/{intent_id}/consents                 401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/intents/{intent_id}/withdrawal               401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/intents/{intent_id}/documents                 401  404  403  200  404  200  404  404  404  200  403  200  401
POST /api/v1/intents/{intent_id}/documents                401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/intent-documents/{document_id}                401  404  403  200  404  200  404  404  404  200  403  200  401
# suspicions are the qualifying desk's; the register of restricted parties is kept by two desks
GET /api/v1/intents/{intent_id}/suspicions                401  403  403  403  403  200  403  403  403  403  403  200  401
POST /api/v1/suspicions/{suspicion_id}/decisions          401  403  403  403  403  201  403  403  403  403  403  201  401
GET /api/v1/restrictions                                  401  403  403  403  403  200  403  403  403  200  403  200  401
POST /api/v1/restrictions                                 401  403  403  403  403  201  403  403  403  201  403  201  401
POST /api/v1/restrictions/{restriction_id}/decisions      401  403  403  403  403  201  403  403  403  201  403  201  401
POST /api/v1/restrictions/{restriction_id}/liftings       401  403  403  403  403  201  403  403  403  201  403  201  401
GET /api/v1/deposits                                      401  200  403  200  200  403  403  200  403  200  403  200  401
GET /api/v1/deposits/{deposit_id}                         401  404  403  200  404  404  404  200  404  200  403  200  401
POST /api/v1/deposits/{deposit_id}/receipts               401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/deposits/{deposit_id}/card-payments          401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/deposits/{deposit_id}/card-payments           401  404  403  200  404  404  404  200  404  200  403  200  401
# whoever calls: what is not signed by the gateway is nothing
POST /api/v1/payment-hooks/stripe                         422  422  422  422  422  422  422  422  422  422  422  -    422

# the sale: everybody watches, admitted bidders bid; a bid's outcome is its bidder's
GET /api/v1/auctions                                      200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/auctions/{auction_id}                         200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/auctions/{auction_id}/rules                   200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/auctions/{auction_id}/events                  200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/auctions/{auction_id}/own-events              401  403  403  200  403  403  403  403  403  403  403  200  401
GET /api/v1/auctions/{auction_id}/host-events             401  403  403  403  403  403  200  403  403  403  403  200  401
WEBSOCKET /api/v1/auctions/{auction_id}/socket            101  101  101  101  101  101  101  101  101  101  101  -    101
POST /api/v1/auctions/{auction_id}/bids                   401  403  403  201  403  403  403  403  403  403  403  201  401
GET /api/v1/auctions/{auction_id}/bids/{bid_id}           401  404  403  200  404  403  403  403  403  403  403  200  401

# sales in trouble: the host stops a sale and proposes, a reviewer approves, the supervisor looks on
POST /api/v1/auctions/{auction_id}/suspension             401  403  403  403  403  403  201  403  403  403  403  201  401
GET /api/v1/suspensions                                   401  403  403  403  403  200  200  403  403  200  403  200  401
GET /api/v1/auction-decisions                             401  403  403  403  403  200  200  403  403  200  403  200  401
GET /api/v1/auction-decisions/{decision_id}               401  403  403  403  403  200  200  403  403  200  403  200  401
POST /api/v1/auction-decisions                            401  403  403  403  403  403  201  403  403  403  403  201  401
POST /api/v1/auction-decisions/{decision_id}/approval     401  403  403  403  403  201  403  403  403  403  403  201  401

# panels: the host's alone; the experts' names and scores are secret until the result
GET /api/v1/panels                                        401  403  403  403  403  403  200  403  403  403  403  200  401
POST /api/v1/panels                                       401  403  403  403  403  403  201  403  403  403  403  201  401
GET /api/v1/panels/{panel_id}                             401  403  403  403  403  403  200  403  403  403  403  200  401
PUT /api/v1/panels/{panel_id}/assessments/{bidder_code}   401  403  403  403  403  403  200  403  403  403  403  200  401
POST /api/v1/panels/{panel_id}/lock                       401  403  403  403  403  403  201  403  403  403  403  201  401

# the record of an ended sale is everybody's; what is withheld from it, the supervisor's
GET /api/v1/signing-keys                                  200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/auctions/{auction_id}/bundle #running         409  409  409  409  409  409  409  409  409  409  409  -    409
GET /api/v1/auctions/{auction_id}/bundle #ended           200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/auctions/{auction_id}/protocol.pdf #ended     200  200  200  200  200  200  200  200  200  200  200  -    200
POST /api/v1/auctions/{auction_id}/maxima-openings #ended 401  403  403  403  403  403  403  403  403  201  403  201  401
POST /api/v1/protocol-checks                              200  200  200  200  200  200  200  200  200  200  200  -    200

# the deal and its contract: the two sides; every desk reads deals, registrar and supervisor read contracts
GET /api/v1/deals                                         401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/demand-awards                                 401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/demand-awards/{award_id}                      401  404  403  200  200  200  200  200  200  200  403  200  401
# what was kept as security is given back by finance alone
POST /api/v1/demand-awards/{award_id}/security-releases   401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/deals/{deal_id}                               401  404  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/deals/{deal_id}/confirmation                  401  404  403  200  200  200  200  200  200  200  403  200  401

# negotiation: the two sides act, reviewer and supervisor read along; the owner is the seller, the counterparty the buyer
GET /api/v1/negotiation-rooms                             401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/negotiation-rooms/{room_id}                   401  404  403  200  200  200  404  404  404  200  403  200  401
WEBSOCKET /api/v1/negotiation-rooms/{room_id}/socket      403  403  403  101  101  101  403  403  403  101  403  101  403
POST /api/v1/listings/{listing_id}/negotiation-rooms      401  201  403  201  403  403  403  403  403  403  403  201  401
POST /api/v1/negotiation-rooms/{room_id}/offers           401  404  403  201  201  404  404  404  404  404  403  201  401
POST /api/v1/negotiation-rooms/{room_id}/offers/{number}/acceptance 401 404 403 201 403 404 404 404 404 404 403 201 401
POST /api/v1/negotiation-rooms/{room_id}/offers/{number}/withdrawal 401 404 403 201 403 404 404 404 404 404 403 201 401
POST /api/v1/negotiation-rooms/{room_id}/deal             401  404  403  201  201  404  404  404  404  404  403  201  401
POST /api/v1/negotiation-rooms/{room_id}/undertaking      401  404  403  201  201  404  404  404  404  404  403  201  401
GET /api/v1/negotiation-rooms/{room_id}/documents         401  404  403  200  200  200  404  404  404  200  403  200  401
POST /api/v1/negotiation-rooms/{room_id}/documents        401  404  403  201  201  404  404  404  404  404  403  201  401
GET /api/v1/negotiation-documents/{document_id}           401  404  403  200  200  200  404  404  404  200  403  200  401

# licences: the licensor records them, reviewers read them all
GET /api/v1/licences                                      401  200  403  200  200  200  403  403  403  403  403  200  401
POST /api/v1/licences                                     401  404  403  201  404  403  403  403  403  403  403  201  401
# an ordinary licence at its price: whoever bids for an organisation, but not its seller
POST /api/v1/listings/{listing_id}/licences               401  201  403  201  403  403  403  403  403  403  403  201  401
# open licences: the owner's signatory declares and withdraws, the desk records the announcement, everybody reads
GET /api/v1/listings/{listing_id}/open-licence            200  200  200  200  200  200  200  200  200  200  200  -    200
PUT /api/v1/listings/{listing_id}/open-licence            401  404  403  200  404  403  403  403  403  403  403  200  401
POST /api/v1/listings/{listing_id}/open-licence/announcement 401  403  403  403  403  201  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/open-licence/withdrawal 401  403  403  201  403  403  403  403  403  403  403  201  401

# rights in the way: the seller declares and brings consents, the desk verifies; what is out is everybody's to read
GET /api/v1/listings/{listing_id}/rights                  200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings/{listing_id}/rights #draft           404  404  403  200  404  200  404  404  404  200  403  200  404
POST /api/v1/patents/{patent_id}/rights                   401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/rights/{right_id}/ends                       401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/listings/{listing_id}/consents               401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/consents/{consent_id}/decisions              401  403  403  403  403  201  403  403  403  403  403  201  401
GET /api/v1/consents/{consent_id}/document                401  404  403  200  404  200  404  404  404  200  403  200  401
POST /api/v1/patents/{patent_id}/export-findings          401  403  403  403  403  201  403  403  403  403  403  201  401

# desks: each shows its own organisation's, and a post what waits for it
GET /api/v1/desks/seller                                  401  200  403  200  200  403  403  403  403  403  403  200  401
GET /api/v1/desks/buyer                                   401  200  403  200  200  403  403  403  403  403  403  200  401
GET /api/v1/desks/exchange                                401  403  403  403  403  200  200  200  200  200  403  200  401
# a case's time line is read by whoever reads the case
GET /api/v1/listings/{listing_id}/history                 200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/listings/{listing_id}/history #draft          404  404  403  200  404  200  404  404  404  200  403  200  404
GET /api/v1/notices/{notice_id}/history                   200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/notices/{notice_id}/history #draft            404  404  404  200  404  200  404  404  404  200  404  200  404
GET /api/v1/intents/{intent_id}/history                   401  404  403  200  404  200  404  404  404  200  403  200  401
GET /api/v1/deals/{deal_id}/history                       401  404  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/settlements/{settlement_id}/history           401  404  403  200  200  200  200  200  200  200  403  200  401

# contracts: the two sides; registrar and supervisor read
GET /api/v1/contracts                                     401  200  403  200  200  403  403  403  200  200  403  200  401
POST /api/v1/contracts                                    401  404  403  201  201  403  403  403  403  403  403  201  401
GET /api/v1/contracts/{contract_id}                       401  404  403  200  200  403  403  403  200  200  403  200  401
GET /api/v1/contracts/{contract_id}/pdf                   401  404  403  200  200  403  403  403  200  200  403  200  401
POST /api/v1/contracts/{contract_id}/signatures           401  404  403  201  201  403  403  403  403  403  403  201  401

# settlement: both sides plan, the seller submits the recordal, the registrar reviews it, two of finance release
GET /api/v1/settlements                                   401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/settlements/{settlement_id}                   401  404  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/settlements/{settlement_id}/papers/{paper}    401  404  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/deals/{deal_id}/settlement                    401  404  403  200  200  200  200  200  200  200  403  200  401
POST /api/v1/deals/{deal_id}/settlement                   401  404  403  201  201  403  403  403  403  403  403  201  401
POST /api/v1/settlements/{settlement_id}/plan-answers     401  404  403  201  409  403  403  403  403  403  403  201  401
POST /api/v1/settlements/{settlement_id}/recordals        401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/settlements/{settlement_id}/recordal-reviews 401  403  403  403  403  403  403  403  201  403  403  201  401
POST /api/v1/settlements/{settlement_id}/releases         401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/releases/{release_id}/decisions              401  403  403  403  403  403  403  201  403  403  403  201  401
POST /api/v1/settlements/{settlement_id}/completion       401  403  403  403  403  403  403  201  403  403  403  201  401
GET /api/v1/mandates                                      401  200  200  200  200  403  403  403  403  403  403  200  401
POST /api/v1/mandates                                     401  201  403  201  201  403  403  403  403  403  403  201  401
POST /api/v1/mandates/{mandate_id}/signatures             401  404  403  404  404  403  403  403  403  403  403  201  401

# plans of payment: announced with a draft; the buyer reports royalties, the seller answers, two agree on a correction
PUT /api/v1/listings/{listing_id}/payment-plan            401  404  403  200  404  403  403  403  403  403  403  200  401
GET /api/v1/listings/{listing_id}/payment-plan            200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/settlements/{settlement_id}/royalty           401  404  403  200  200  200  200  200  200  200  403  200  401
POST /api/v1/settlements/{settlement_id}/royalty-reports  401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/royalty-reports/{report_id}/answers          401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/royalty-reports/{report_id}/corrections      401  404  403  201  201  403  403  201  403  403  403  201  401
# the buyer's correction and milestone wait for the seller; the desk answers its own
POST /api/v1/report-corrections/{correction_id}/answers   401  404  403  201  409  403  403  409  403  403  403  201  401
POST /api/v1/settlements/{settlement_id}/milestones       401  404  403  201  201  403  403  403  403  403  403  201  401
POST /api/v1/milestones/{statement_id}/answers            401  404  403  201  409  403  403  403  403  403  403  201  401

# a winner's default: the host declares, a reviewer confirms, both sides read
GET /api/v1/defaults                                      401  200  403  200  200  200  200  200  200  200  403  200  401
POST /api/v1/deals/{deal_id}/defaults                     401  403  403  403  403  403  201  403  403  403  403  201  401
POST /api/v1/defaults/{default_id}/decisions              401  403  403  403  403  201  403  403  403  403  403  201  401

# the deposit of who did not win: a reviewer declares, its party answers, finance decides; the host knows codes only
GET /api/v1/forfeitures                                   401  200  403  200  200  200  403  200  403  200  403  200  401
POST /api/v1/intents/{intent_id}/forfeitures              401  403  403  403  403  201  403  403  403  403  403  201  401
POST /api/v1/forfeitures/{forfeiture_id}/answers          401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/forfeitures/{forfeiture_id}/decisions        401  403  403  403  403  403  403  201  403  403  403  201  401

# after a default the seller asks the next bidder, who alone answers; until he accepts the seller knows his code only
GET /api/v1/deals/{deal_id}/succession                    401  404  403  200  404  403  403  403  403  403  403  200  401
POST /api/v1/deals/{deal_id}/successor-offers             401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/successor-offers                              401  200  403  200  200  200  200  200  200  200  403  200  401
GET /api/v1/successor-offers/{offer_id}                   401  404  403  200  200  200  200  200  200  200  403  200  401
POST /api/v1/successor-offers/{offer_id}/answers          401  404  403  201  404  403  403  403  403  403  403  201  401

# income distribution: the unit's own affair; two different signatories decide and approve; the supervisor looks on
GET /api/v1/deals/{deal_id}/contributors                  401  404  403  200  404  403  403  403  403  200  403  200  401
POST /api/v1/deals/{deal_id}/contributors                 401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/deals/{deal_id}/distributions                401  404  403  201  404  403  403  403  403  403  403  201  401
GET /api/v1/distributions                                 401  200  403  200  200  403  403  403  403  200  403  200  401
GET /api/v1/distributions/{distribution_id}               401  404  403  200  404  403  403  403  403  200  403  200  401
GET /api/v1/distributions/{distribution_id}/sheet         401  404  403  200  404  403  403  403  403  200  403  200  401
POST /api/v1/distributions/{distribution_id}/steps        401  404  403  201  404  403  403  403  403  403  403  201  401
POST /api/v1/distributions/{distribution_id}/steps #paid  401  404  403  201  404  403  403  403  403  403  403  201  401

# registration: the seller applies, the registrar decides, anybody verifies the certificate
GET /api/v1/registrations                                 401  200  403  200  200  403  403  403  200  200  403  200  401
GET /api/v1/registrations/choices                         200  200  200  200  200  200  200  200  200  200  200  -    200
POST /api/v1/registrations                                401  404  403  201  403  403  403  403  403  403  403  201  401
GET /api/v1/registrations/{registration_id}               401  404  403  200  200  403  403  403  200  200  403  200  401
POST /api/v1/registrations/{registration_id}/decisions    401  403  403  403  403  403  403  403  201  403  403  201  401
GET /api/v1/registrations/{registration_id}/certificate   401  404  403  200  200  403  403  403  200  200  403  200  401
GET /api/v1/certificates/{verification_code}              200  200  200  200  200  200  200  200  200  200  200  -    200
GET /api/v1/certificates/{verification_code}/pdf          200  200  200  200  200  200  200  200  200  200  200  -    200
"""


def read_table() -> dict[str, dict[str, int]]:
    """The table as row -> caller -> status; a dash means that the caller does not exist for that row."""
    rows: dict[str, dict[str, int]] = {}
    for line in (TABLE + MONEY_TABLE).splitlines():
        if not line or line.startswith("#"):
            continue
        # From the right, because a route may be longer than its column.
        name, *statuses = line.rsplit(None, len(CALLERS))
        cells = zip(CALLERS, statuses, strict=True)
        assert name not in rows, f"{name} has two rows"
        rows[name] = {caller: int(status) for caller, status in cells if status != "-"}
    return rows


def route_of(row: str) -> str:
    """The route that a row is about, without its remark."""
    return row.partition(" #")[0]
