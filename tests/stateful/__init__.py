"""Random trades from their listing to their last fen, with crashes and repetitions between the steps."""
